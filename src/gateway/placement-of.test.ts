import { describe, expect, it } from "vitest";
import { placementOf } from "./placement-of.ts";

const url = "https://api.acme.test/v1";

function thrower(): never {
  throw new Error("no url for sk-acme-123456");
}

it("tells what a definition says, by its functions or without them", () => {
  const config = { url };
  expect(placementOf({}, { options: config })).toEqual({});
  const asked = {
    sends: () => "guarded" as const,
    isolate: "everything" as const,
    upstream: (given: { url: string }) => ({ url: given.url }),
  };
  expect(placementOf(asked, { options: config })).toEqual({
    sends: "guarded",
    isolation: "everything",
    upstream: { url },
  });
});

describe("a definition with a mistake", () => {
  it.each<[string, object, RegExp]>([
    ["upstream throws", { upstream: thrower }, /^Its `upstream` throws: no url for \*\*\*\.$/],
    ["sends throws", { sends: thrower }, /^Its `sends` throws/],
    ["isolate throws", { isolate: thrower }, /^Its `isolate` throws/],
    ["sends gives another word", { sends: () => "nothin" }, /^Its `sends` gives "nothin"\.$/],
    ["isolate gives true", { isolate: () => true }, /^Its `isolate` gives a boolean\.$/],
    [
      "upstream is an object",
      { upstream: { url } },
      /^Its `upstream` throws: .* not a function\.$/,
    ],
    ["upstream gives a promise", { upstream: async () => thrower() }, /gives a promise\.$/],
    ["upstream gives a text", { upstream: () => "127.0.0.1" }, /gives "127\.0\.0\.1"\.$/],
    ["upstream gives null", { upstream: () => null }, /gives null\.$/],
    ["upstream gives no url", { upstream: () => ({}) }, /gives an object without a `url` in it\.$/],
    ["its url is no address", { upstream: () => ({ url: "localhost:80" }) }, /no address\.$/],
  ])("is told, and sends nothing: %s", (_what, definition, problem) => {
    const { sends, upstream, fault } = placementOf(definition, {
      options: { apiKey: "sk-acme-123456" },
    });
    expect(fault?.problem).toMatch(problem);
    expect(fault?.remedy).toMatch(/^(Mend|Give) /);
    expect({ sends, upstream }).toEqual({ sends: "nothing", upstream: undefined });
  });
});
