import type { IncomingHttpHeaders } from "node:http";
import { ModelyardError } from "../../contract/errors.ts";
import { invalidField } from "../dialects/invalid-field.ts";

/**
 * What a request says of the call beside what it asks: the model, and the total deadline (the header or the body; the shorter where
 * both say one).
 * @throws ModelyardError `invalid-request`
 */
export function readCallOptions(
  body: Readonly<Record<string, unknown>>,
  headers: IncomingHttpHeaders,
): { model: string | undefined; timeoutMs: number | undefined } {
  const model = body["model"] ?? undefined;
  if (model !== undefined && (typeof model !== "string" || model === ""))
    throw invalidField("model", "Must be a model's name.");
  // A caller who says how far a prompt may go must not be passed over.
  if ((body["privacy"] ?? undefined) !== undefined)
    throw invalidField("privacy", "Not yet supported in this version.", "Leave it out.");
  const limits = [fromHeader(headers[header]), fromBody(body["timeoutMs"] ?? undefined)].filter(
    (limit) => limit !== undefined,
  );
  return { model, timeoutMs: limits.length === 0 ? undefined : Math.min(...limits) };
}

const header = "x-modelyard-timeout-ms";
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
  throw new ModelyardError("invalid-request", `${header}: ${rule}`, { details: { param: header } });
}
