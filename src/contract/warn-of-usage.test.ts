import { expect, it } from "vitest";
import { warnOfUsage } from "./warn-of-usage.ts";

it("tells of a figure that is nearly one of ours, and of no other", () => {
  const told: string[] = [];
  const warn = (message: string) => void told.push(message);
  warnOfUsage({ usage: { input_tokens: 3, outputTokens: 4, credits: 5 } }, warn);
  warnOfUsage({ usage: { inputTokens: 3, input_tokens: 3 } }, warn);
  for (const given of [undefined, null, "text", {}, { usage: 5 }]) warnOfUsage(given, warn);
  expect(told).toEqual(["usage.input_tokens is read by nobody: is inputTokens meant?"]);
});
