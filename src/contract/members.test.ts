import { describe, expect, it } from "vitest";
import { createMembers } from "./members.ts";

describe("createMembers", () => {
  it("knows who is in, and gives the place of one who has left to the next", () => {
    const members = createMembers<{ name: string }>();
    const [one, other, third] = ["one", "other", "third"].map((name) => ({ name }));
    const place = members.enter(one!);
    members.enter(other!);
    expect([...members]).toEqual([one, other]);
    members.leave(place, one!);
    expect(members.size).toBe(1);
    expect(members.enter(third!)).toBe(place);
    members.leave(place, one!);
    expect([...members]).toEqual([third, other]);
    expect(members.size).toBe(2);
  });

  it("lets those leave who are met while it is gone through", () => {
    const members = createMembers<{ place: number }>();
    for (let count = 0; count < 3; count++) {
      const member = { place: -1 };
      member.place = members.enter(member);
    }
    for (const member of members) members.leave(member.place, member);
    expect(members.size).toBe(0);
    expect([...members]).toEqual([]);
  });
});
