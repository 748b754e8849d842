import { z } from "zod";
import { errorCodes, type ErrorCode } from "./errors.ts";

/** What we write to a child process, one JSON value a line. */
export type LineToChild =
  | { type: "request"; id: number; request: object }
  /** Nobody waits for it any more: stop, and end it. */
  | { type: "cancel"; id: number };

const id = z.int();
const knownCodes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** What a child process writes, one JSON value a line. Each request ends with exactly one `end` or `error`. */
const lineFromChild = z.discriminatedUnion("type", [
  z.object({ type: z.literal("event"), id, event: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal("end"), id }),
  z.object({
    type: z.literal("error"),
    id,
    error: z.object({
      /** `backend-error` where it is left out, or none of ours. */
      code: z.enum(knownCodes).catch("backend-error").default("backend-error"),
      message: z.string(),
      remedy: z.string().optional(),
      model: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
]);

export type LineFromChild = z.output<typeof lineFromChild>;

/** Reads a line that a child process wrote; undefined where it is none of the protocol's. */
export function parseLineFromChild(line: string): LineFromChild | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // whoever prints to standard output by the way writes no JSON
  }
  return lineFromChild.safeParse(value).data;
}
