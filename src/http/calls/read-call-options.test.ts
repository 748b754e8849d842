import { describe, expect, it } from "vitest";
import { readCallOptions } from "./read-call-options.ts";

describe("readCallOptions", () => {
  it.each([
    [{}, {}, undefined, undefined],
    [{ privacy: null, timeoutMs: null }, {}, undefined, undefined],
    [{ privacy: "network" }, {}, "network", undefined],
    [{}, { "x-modelyard-privacy": "network" }, "network", undefined],
    [{ privacy: "device" }, { "x-modelyard-privacy": "remote" }, "device", undefined],
    [{ privacy: "remote" }, { "x-modelyard-privacy": "device" }, "device", undefined],
    [{ timeoutMs: 5 }, { "x-modelyard-timeout-ms": "7" }, undefined, 5],
    [{ timeoutMs: 9 }, { "x-modelyard-timeout-ms": "7" }, undefined, 7],
  ] as const)(
    "takes the narrower class and the shorter time of %j and %j",
    (body, headers, privacy, timeoutMs) => {
      expect(readCallOptions(body, headers)).toEqual({ model: undefined, privacy, timeoutMs });
    },
  );

  it.each([
    [{ privacy: "local" }, {}, "privacy"],
    [{ privacy: 1 }, {}, "privacy"],
    [{}, { "x-modelyard-privacy": "" }, "x-modelyard-privacy"],
    [{}, { "x-modelyard-privacy": ["device", "remote"] }, "x-modelyard-privacy"],
    [{}, { "x-modelyard-timeout-ms": "soon" }, "x-modelyard-timeout-ms"],
    [{ model: "" }, {}, "model"],
  ])("names what it can't read in %j and %j", (body, headers, param) => {
    expect(() => readCallOptions(body, headers)).toThrowError(
      expect.objectContaining({ code: "invalid-request", details: { param } }) as Error,
    );
  });
});
