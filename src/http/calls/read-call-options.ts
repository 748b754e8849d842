import type { IncomingHttpHeaders } from "node:http";
import {
  isPrivacyClass,
  narrowestOf,
  privacyClassRule,
  type PrivacyClass,
} from "../../contract/http/privacy-class.ts";
import type { CallOptions } from "../../gateway/api.ts";
import { invalidField } from "../dialects/invalid-field.ts";

/**
 * What a request says of the call beside what it asks: the model, the total deadline and how far the prompt may travel (each of these
 * two in a header or in the body; the shorter and the narrower one hold).
 * @throws ModelyardError `invalid-request`
 */
export function readCallOptions(
  body: Readonly<Record<string, unknown>>,
  headers: IncomingHttpHeaders,
): Pick<CallOptions, "model" | "timeoutMs" | "privacy"> {
  const model = body["model"] ?? undefined;
  if (model !== undefined && (typeof model !== "string" || model === ""))
    throw invalidField("model", "Must be a model's name.");
  const limits = [
    fromHeader(headers[timeoutHeader]),
    fromBody(body["timeoutMs"] ?? undefined),
  ].filter((limit) => limit !== undefined);
  const classes = [
    readClass(headers[privacyHeader], privacyHeader),
    readClass(body["privacy"] ?? undefined, "privacy"),
  ].filter((each) => each !== undefined);
  return {
    model,
    timeoutMs: limits.length === 0 ? undefined : Math.min(...limits),
    privacy: classes.length === 0 ? undefined : narrowestOf(classes),
  };
}

const timeoutHeader = "x-modelyard-timeout-ms";
const privacyHeader = "x-modelyard-privacy";

function readClass(given: unknown, param: string): PrivacyClass | undefined {
  if (given === undefined || isPrivacyClass(given)) return given;
  throw invalidField(param, privacyClassRule);
}

const rule = "Must be a whole number of milliseconds, at least 1.";

function fromBody(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "number" && Number.isSafeInteger(given) && given >= 1) return given;
  throw invalidField("timeoutMs", rule);
}

function fromHeader(given: string | string[] | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && /^\d{1,15}$/.test(given) && Number(given) >= 1)
    return Number(given);
  throw invalidField(timeoutHeader, rule);
}
