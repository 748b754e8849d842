import { describe, it } from "vitest";
import { fuzzConfiguration, fuzzHttp, fuzzStdio } from "./fuzz.ts";

describe.concurrent("random and changed input does no harm", () => {
  it.for([
    ["as a configuration", fuzzConfiguration],
    ["over HTTP", fuzzHttp],
    ["on stdio", fuzzStdio],
  ] as const)("%s", async ([, fuzz], { expect }) => {
    const { tried, problems } = await fuzz({ seed: 1, lastsMs: 3_000 });
    expect(problems).toEqual([]);
    expect(tried).toBeGreaterThan(0);
  });
});
