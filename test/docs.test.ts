import fs from "node:fs";
import { expect, it } from "vitest";
import { errorCodes } from "../src/contract/errors.ts";

it("docs/errors.md holds the table of error codes, no more and no less", () => {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retryable, fallback, meaning }]) =>
      `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${fallback ? "yes" : "no"} | ${meaning} |`,
  );
  const text = fs.readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
  const written = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(written.map((line) => line.replaceAll(/ {2,}/g, " "))).toEqual(rows);
});
