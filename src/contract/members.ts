/** Where somebody stands among the members. */
export interface Place<Member> {
  member: Member | undefined;
  before: Place<Member> | undefined;
  after: Place<Member> | undefined;
}

/**
 * Who is in, where thousands come and go: a set that lets go of who has left. When a `Set` of the platform shrinks, its former table still
 * points to the next one and to who was in it, and old tables keep young ones alive until V8's next full collection.
 */
export interface Members<Member> {
  readonly size: number;
  /** Takes one in, behind all others, and gives their place. */
  enter(member: Member): Place<Member>;
  /** Nothing where they have left it already. */
  leave(place: Place<Member>): void;
  /** Those who are in now, the first first. */
  list(): Member[];
}

export function createMembers<Member extends object>(): Members<Member> {
  let size = 0;
  let first: Place<Member> | undefined;
  let last: Place<Member> | undefined;

  return {
    get size() {
      return size;
    },

    enter(member) {
      const place: Place<Member> = { member, before: last, after: undefined };
      if (last === undefined) first = place;
      else last.after = place;
      last = place;
      size += 1;
      return place;
    },

    leave(place) {
      if (place.member === undefined) return;
      const { before, after } = place;
      if (before === undefined) first = after;
      else before.after = after;
      if (after === undefined) last = before;
      else after.before = before;
      // It may be old by now, and must keep nobody who is young.
      place.member = place.before = place.after = undefined;
      size -= 1;
    },

    list() {
      const all: Member[] = [];
      for (let place = first; place !== undefined; place = place.after) all.push(place.member!);
      return all;
    },
  };
}
