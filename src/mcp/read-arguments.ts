import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";

/** As many as a message tells. */
const mostProblems = 10;

/** Refuses arguments that a tool does not take, each named with the nearest right one. @throws ModelyardError `invalid-request` */
export function refuseUnknownArguments(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const problems = unknown.slice(0, mostProblems).map((name) => {
    const hint = didYouMean(name, known) || ` ${tool} takes: ${known.join(", ")}.`;
    return { path: name, message: `Unknown argument.${hint}` };
  });
  if (problems.length > 0) throw invalidArguments(tool, problems);
}

/** An argument that is a text, where it is given. @throws ModelyardError `invalid-request` */
export function readText(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined {
  const value = given[name];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidArgument(tool, name, `Must be a text, found ${kindOf(value)}.`);
}

/** An argument that is a whole number of at least 1, where it is given. @throws ModelyardError `invalid-request` */
export function readCount(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  name: string,
): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidArgument(tool, name, "Must be a whole number of at least 1.");
}

/** Messages may hold images as MCP writes them: its `mimeType` is our `mediaType`. What is malformed stays so, for the schema to name. */
export function readMessages(messages: unknown): unknown {
  return mapList(messages, (message) => {
    if (!isObject(message)) return message;
    return "content" in message
      ? { ...message, content: mapList(message["content"], readPart) }
      : message;
  });
}

function readPart(part: unknown): unknown {
  if (!isObject(part) || part["type"] !== "image" || "mediaType" in part) return part;
  const { mimeType, ...rest } = part;
  return mimeType === undefined ? part : { ...rest, mediaType: mimeType };
}

function mapList(value: unknown, convert: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(convert) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with one argument. */
export function invalidArgument(
  tool: string,
  path: string,
  message: string,
  remedy?: string,
): ModelyardError {
  return invalidArguments(tool, [{ path, message }], remedy);
}

function invalidArguments(
  tool: string,
  problems: readonly { path: string; message: string }[],
  remedy?: string,
): ModelyardError {
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const message = `Invalid arguments of ${tool}: ${list}`;
  return new ModelyardError("invalid-request", message, { details: { problems }, remedy });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty text";
  return Array.isArray(value) ? "an array" : typeof value;
}
