import { expect, it } from "vitest";
import type { CallContext } from "./backend.ts";
import { warnOfIgnored } from "./warn-of-ignored.ts";

it("names what was given and is not used, never its value", () => {
  const said: string[] = [];
  const context = { model: "m", warn: (message: string) => said.push(message) };
  warnOfIgnored({ seed: 7, topK: undefined }, context as unknown as CallContext);
  expect(said).toEqual(["m does not know seed: it was ignored."]);
});
