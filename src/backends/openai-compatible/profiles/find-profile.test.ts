import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { config } from "../config.ts";
import { findProfile, profiles } from "./find-profile.ts";

const page = readFileSync(
  new URL("../../../../docs/backends/openai-compatible.md", import.meta.url),
  "utf8",
);

describe("profiles", () => {
  it("have names of their own", () => {
    expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length);
    expect(findProfile("no-such")).toBeUndefined();
    expect(findProfile("llama.cpp")?.name).toBe("llama-server");
  });

  it.each(profiles)("$name stands in the docs", ({ name }) => {
    expect(page).toMatch(new RegExp(`^\\| .*\`${name}\``, "m"));
  });

  it.each(profiles.filter(({ baseUrl }) => baseUrl !== undefined))(
    "$name and a key are enough",
    ({ name }) => {
      expect(config.safeParse({ profile: name, apiKey: "secret" }).success).toBe(true);
    },
  );

  it.each([
    {},
    { profile: "vllm" },
    { profile: "no-such", baseUrl: "http://127.0.0.1" },
    { baseUrl: "ftp://127.0.0.1" },
    { baseUrl: "127.0.0.1:8000" },
    { baseUrl: "http://127.0.0.1", unknown: 1 },
    { baseUrl: "http://127.0.0.1/v1#x" },
  ])("and %j is not", (given) => {
    expect(config.safeParse(given).success).toBe(false);
  });
});
