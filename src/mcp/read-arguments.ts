import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";

/** Refuses arguments that a tool does not take, each named with the nearest right one. @throws ModelyardError `invalid-request` */
export function refuseUnknownArguments(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const problems = Object.keys(given).flatMap((name) => {
    if (known.includes(name)) return [];
    if (name === "privacy") return [{ path: name, message: "Not yet supported." }];
    const hint = didYouMean(name, known) || ` ${tool} takes: ${known.join(", ")}.`;
    return [{ path: name, message: `Unknown argument.${hint}` }];
  });
  refuse(tool, problems);
}

/** An argument that is a text, where it is given. @throws ModelyardError `invalid-request` */
export function readText(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value === "")
    refuse(tool, [{ path: name, message: `Must be a text, found ${kindOf(value)}.` }]);
  return value as string;
}

/** An argument that is a whole number of at least 1, where it is given. @throws ModelyardError `invalid-request` */
export function readCount(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  name: string,
): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    refuse(tool, [{ path: name, message: "Must be a whole number of at least 1." }]);
  return value as number;
}

function refuse(tool: string, problems: readonly { path: string; message: string }[]): void {
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new ModelyardError("invalid-request", `Invalid arguments of ${tool}: ${list}`, {
    details: { problems },
  });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty text";
  return Array.isArray(value) ? "an array" : typeof value;
}
