/**
 * Who is in, where thousands come and go: a set that lets go of who has left. When a `Set` of the platform shrinks, its former table still
 * points to the next one and to who was in it, and old tables keep young ones alive until V8's next full collection.
 */
export interface Members<Member> extends Iterable<Member> {
  readonly size: number;
  /** Takes one in and gives their place. */
  enter(member: Member): number;
  /** Nothing where they have left it already. */
  leave(place: number, member: Member): void;
}

export function createMembers<Member extends object>(): Members<Member> {
  const places: (Member | undefined)[] = [];
  const free: number[] = [];

  return {
    get size() {
      return places.length - free.length;
    },
    enter(member) {
      const place = free.pop() ?? places.length;
      places[place] = member;
      return place;
    },
    leave(place, member) {
      if (places[place] !== member) return;
      places[place] = undefined;
      free.push(place);
    },
    *[Symbol.iterator]() {
      for (const member of places) if (member !== undefined) yield member;
    },
  };
}
