import { kitChecks } from "../../src/testing/index.ts";

/** Every check of the kit. */
export function checkRows(): string[][] {
  return [
    ["check", "what is right", "level", "why it matters", "how to mend it"],
    ...kitChecks.map(({ id, title, level, why, remedy }) => [
      `\`${id}\``,
      title,
      level,
      why,
      remedy,
    ]),
  ];
}
