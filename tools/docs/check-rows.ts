import { kitChecks } from "../../src/testing/index.ts";
import { chapterOf } from "../../src/testing/kit/check.ts";

/** Every check of the kit. */
export function checkRows(): string[][] {
  return [
    ["chapter", "check", "level", "why it matters"],
    ...kitChecks.map((check) => [chapterOf(check), check.title, check.level, check.why]),
  ];
}
