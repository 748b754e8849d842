import { didYouMean } from "../../contract/nearest.ts";
import { invalidField } from "./invalid-field.ts";

/**
 * What becomes of a field: `read` by the conversion; `ignored` with a warning, because the answer is the same without it;
 * `refused`, because it is not; or a list of the values that mean nothing, any other being refused.
 */
export type Treatment = "read" | "ignored" | "refused" | readonly unknown[];

export type FieldTable = Readonly<Record<string, Treatment>>;

/** What every request may hold beside its protocol's own fields. */
const ours: FieldTable = { timeoutMs: "read", privacy: "read", providerOptions: "read" };

/**
 * Goes through the fields of a body: null stands for a field left out, as OpenAI's clients write it. A field that nobody knows is
 * ignored with a warning, unless it looks like a slip of the finger: then the caller meant something, and is told.
 * @returns the warnings
 * @throws ModelyardError `invalid-request` that names a field which can't be honoured
 */
export function readFields(
  body: Readonly<Record<string, unknown>>,
  table: FieldTable,
  prefix = "",
): string[] {
  const warnings: string[] = [];
  for (const name in body) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    const treatment = treatmentOf(name, table);
    if (treatment === "read") continue;
    if (warnings.length >= mostWarnings)
      throw invalidField(
        prefix + shorten(name),
        `More than ${mostWarnings} fields are not known or have no effect.`,
        "Leave them out.",
      );
    if (treatment === undefined) warnings.push(unknown(name, table, prefix));
    else if (treatment === "ignored") warnings.push(`${prefix}${name} was ignored.`);
    else if (treatment === "refused" || !treatment.some((each) => isSame(each, value)))
      throw unsupported(prefix + name, treatment);
  }
  return warnings;
}

/** More than a caller reads; each costs a comparison with all that are known. */
const mostWarnings = 100;

function shorten(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 39)}…`;
}

/** A caller may send any name, one that every object of JavaScript has too: `constructor`. */
function treatmentOf(name: string, table: FieldTable): Treatment | undefined {
  if (Object.hasOwn(table, name)) return table[name];
  return Object.hasOwn(ours, name) ? ours[name] : undefined;
}

function unknown(name: string, table: FieldTable, prefix: string): string {
  const readable = Object.keys(table).filter((each) => table[each] === "read");
  const hint = didYouMean(name, readable);
  const shown = prefix + shorten(name);
  if (hint !== "") throw invalidField(shown, `Unknown field.${hint}`);
  return `${shown} is not known and was ignored.`;
}

function unsupported(param: string, treatment: Exclude<Treatment, "read" | "ignored">) {
  const only =
    treatment === "refused" || treatment.length === 0
      ? ""
      : ` Only ${treatment.map((each) => JSON.stringify(each)).join(" or ")} is.`;
  return invalidField(param, `Not supported.${only}`, "Leave it out.");
}

/** Values as small as these are the same where their JSON is. */
function isSame(one: unknown, other: unknown): boolean {
  return (
    one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other))
  );
}
