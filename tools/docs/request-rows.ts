import fs from "node:fs";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import { fieldRows } from "./field-rows.ts";

/** Short forms of a caller's, which have become messages before a handler is asked. */
const shortForms: Readonly<Record<string, readonly string[]>> = { chat: ["prompt", "system"] };

const folder = new URL("../../src/contract/capabilities/", import.meta.url);

/** Every parameter of a request as a handler receives it: what it holds, of which capabilities it is, and what its comment says. */
export function requestRows(): string[][] {
  const parameters = new Map<string, { holds: string; of: string[]; meaning: string }>();
  for (const { name: capability, request } of builtInCapabilities) {
    for (const [field = "", holds = ""] of fieldRows(request, "input").slice(1)) {
      if (shortForms[capability]?.includes(field.replaceAll("`", "")) === true) continue;
      const key = `${field} ${holds}`;
      const known = parameters.get(key);
      if (known !== undefined) known.of.push(capability);
      else parameters.set(key, { holds, of: [capability], meaning: meaningOf(field, capability) });
    }
  }
  return [
    ["parameter", "holds", "of", "meaning"],
    ...[...parameters].map(([key, { holds, of, meaning }]) => [
      key.split(" ")[0]!,
      // Where one text may stand for a list, a handler meets the list.
      holds.replace(/^text, or (?=list of text$)/, ""),
      of.join(", "),
      meaning,
    ]),
  ];
}

/** The comment before a field of a request, as its source has it. */
function meaningOf(field: string, capability: string): string {
  const name = field.replaceAll("`", "");
  for (const file of [`${capability}.ts`, "generation.ts"]) {
    const source = fs.readFileSync(new URL(file, folder), "utf8");
    const found = new RegExp(`/\\*\\* (.*) \\*/\\n +${name}: \\w`).exec(source);
    if (found !== null) return found[1]!;
  }
  return "";
}
