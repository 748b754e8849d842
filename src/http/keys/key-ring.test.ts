import { describe, expect, it } from "vitest";
import { digestOfKey, writeKeyDigest } from "../../contract/key-digest.ts";
import type { ModelyardError } from "../../contract/errors.ts";
import type { ServerKey } from "../../gateway/configuration.ts";
import { createKeyRing } from "./key-ring.ts";

const clear: ServerKey = { name: "clear", key: "key-in-clear", admin: false };
const hashed: ServerKey = {
  name: "hashed",
  hash: writeKeyDigest(digestOfKey("key-by-hash")).toUpperCase().replace("SHA", "sha"),
  models: ["assistant"],
  privacy: "network",
  admin: true,
};

describe("createKeyRing", () => {
  it("asks nobody where there are no keys", () => {
    expect(createKeyRing([]).identify(undefined)).toBeUndefined();
    expect(createKeyRing([]).identify("Bearer anything")).toBeUndefined();
  });

  it("knows a key in clear and one by its hash, and what each may do", () => {
    const ring = createKeyRing([clear, hashed]);
    expect(ring.identify("Bearer key-in-clear")?.caller).toMatchObject({ name: "clear" });
    expect(ring.identify("bearer  key-by-hash ")?.caller).toEqual({
      name: "hashed",
      models: ["assistant"],
      privacy: "network",
      admin: true,
    });
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Basic key-in-clear",
    "key-in-clear",
    "Bearer key-in-clea",
    "Bearer key-in-clear2",
    "Bearer KEY-IN-CLEAR",
    "Bearer key-in-clear key-by-hash",
    `Bearer ${hashed.hash}`,
  ])("refuses %j, and repeats nothing of it", (given) => {
    const ring = createKeyRing([clear, hashed]);
    let thrown: unknown;
    try {
      ring.identify(given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "unauthorized",
      remedy: "Send one of server.keys as `Authorization: Bearer <key>`.",
    });
    const { message, stack } = thrown as ModelyardError;
    expect(JSON.stringify([thrown, message, stack])).not.toMatch(/clea|hash"/i);
  });

  it("tells who began with a key that it was revoked, once, and those too who come late to listen", () => {
    const ring = createKeyRing([clear, hashed]);
    const told: string[] = [];
    const access = ring.identify("Bearer key-in-clear");
    const other = ring.identify("Bearer key-by-hash");
    access?.onRevoked(({ code, message }) => told.push(`${code}: ${message}`));
    access?.onRevoked(() => told.push("not listening any more"))();
    other?.onRevoked(() => told.push("another one's"));
    ring.replace([hashed]);
    access?.onRevoked(({ code }) => told.push(code));
    ring.replace([hashed]);
    expect(told).toEqual(['unauthorized: The key "clear" was revoked.', "unauthorized"]);
    expect(() => ring.identify("Bearer key-in-clear")).toThrow("not known");
    expect(ring.identify("Bearer key-by-hash")).toBeDefined();
  });

  it("keeps a key whose entry changed, in clear or as its hash: what is new holds for what comes", () => {
    const ring = createKeyRing([clear]);
    const told: string[] = [];
    const access = ring.identify("Bearer key-in-clear");
    access?.onRevoked(() => told.push("revoked"));
    const hash = writeKeyDigest(digestOfKey("key-in-clear"));
    ring.replace([{ name: "renamed", hash, models: ["a"], admin: false }]);
    expect(told).toEqual([]);
    expect(access?.caller).toMatchObject({ name: "clear", models: undefined });
    expect(ring.identify("Bearer key-in-clear")?.caller).toMatchObject({
      name: "renamed",
      models: ["a"],
    });
    ring.replace([]);
    expect(told).toEqual(["revoked"]);
  });
});
