import type { ServerContext } from "@modelcontextprotocol/server";
import { isPrivacyClass, narrowestOf, privacyClassRule } from "../contract/http/privacy-class.ts";
import type { CallOptions } from "../gateway/api.ts";
import { accessOf } from "./access.ts";
import { invalidArgument, readCount, readText } from "./read-arguments.ts";

/** What every tool that calls a model takes beside the request's own fields. */
export const callArguments = ["model", "timeoutMs", "privacy"] as const;

/**
 * What a call of a tool says of itself: in its arguments, and over HTTP in headers too; the shorter deadline and the narrower class hold.
 * @throws ModelyardError `invalid-request`
 */
export function readCallOptions(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  context: ServerContext,
): Pick<CallOptions, "id" | "model" | "timeoutMs" | "privacy" | "caller"> {
  const { http } = context;
  const header = (name: string) => http?.req?.headers.get(name) ?? undefined;
  const timeout = header(timeoutName);
  const limits = [
    readCount(tool, given, "timeoutMs"),
    readCount(
      tool,
      { [timeoutName]: timeout === undefined ? timeout : Number(timeout) },
      timeoutName,
    ),
  ].filter((limit) => limit !== undefined);
  const classes = [
    readClass(tool, given["privacy"], "privacy"),
    readClass(tool, header("x-modelyard-privacy"), "x-modelyard-privacy"),
  ].filter((each) => each !== undefined);
  return {
    id: header("x-request-id"),
    caller: accessOf(context)?.caller,
    model: readText(tool, given, "model"),
    timeoutMs: limits.length === 0 ? undefined : Math.min(...limits),
    privacy: classes.length === 0 ? undefined : narrowestOf(classes),
  };
}

const timeoutName = "x-modelyard-timeout-ms";

function readClass(tool: string, given: unknown, name: string) {
  if (given === undefined || isPrivacyClass(given)) return given;
  throw invalidArgument(tool, name, privacyClassRule);
}
