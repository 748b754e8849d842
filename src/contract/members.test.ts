import { describe, expect, it } from "vitest";
import { createMembers } from "./members.ts";

const member = (name: string) => ({ name });

describe("createMembers", () => {
  it("knows who is in, in the order in which they came", () => {
    const members = createMembers<{ name: string }>();
    const [one, two, three, four] = ["one", "two", "three", "four"].map(member);
    members.enter(one!);
    const second = members.enter(two!);
    members.enter(three!);
    members.leave(second);
    members.enter(four!);
    expect(members.list()).toEqual([one, three, four]);
    expect(members.size).toBe(3);
  });

  it("lets the first, the last and the only one leave", () => {
    const members = createMembers<{ name: string }>();
    const places = ["one", "two", "three"].map((name) => members.enter(member(name)));
    members.leave(places[0]!);
    members.leave(places[2]!);
    expect(members.list()).toEqual([{ name: "two" }]);
    members.leave(places[1]!);
    expect(members.list()).toEqual([]);
    members.enter(member("four"));
    expect(members.list()).toEqual([{ name: "four" }]);
  });

  it("lets nobody leave twice, and keeps nothing of who has left", () => {
    const members = createMembers<{ name: string }>();
    const place = members.enter(member("one"));
    members.enter(member("two"));
    members.leave(place);
    members.leave(place);
    expect(members.size).toBe(1);
    expect(place).toEqual({ member: undefined, before: undefined, after: undefined });
  });
});
