import { expect, it } from "vitest";
import { misspelt } from "./misspelt.ts";

const names = ["capabilities", "config", "description", "healthCheck", "chat"];

it.each([
  ["capabilites", "capabilities"],
  ["descripton", "description"],
  ["healthcheck", "healthCheck"],
  ["health_check", "healthCheck"],
  ["caht", "chat"],
  ["configs", "config"],
  ["config", undefined],
  ["configPath", undefined],
  ["vendor", undefined],
])("takes %s for %s", (word, meant) => {
  expect(misspelt(word, names)).toBe(meant);
});
