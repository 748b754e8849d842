import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";

/** Where a request was sent, and which models are there. */
export interface Asked {
  readonly baseUrl: string;
  readonly path: string;
  /** Whether the answer had to follow a schema. */
  readonly hasSchema: boolean;
  /** The models that the server has listed. */
  readonly names: readonly string[];
}

/** An error with what a person can do about it here: which address was asked, whether `/v1` is missing, which model is near. */
export function explain(error: unknown, { baseUrl, path, names, hasSchema }: Asked): unknown {
  if (!isModelyardError(error)) return error;
  if (error.code === "model-not-found") return withNearest(error, names);
  if (
    error.code === "invalid-request" &&
    hasSchema &&
    /schema|grammar|response_format/i.test(error.message)
  )
    return again(error, { remedy: "Simplify responseSchema: this server can't hold it as it is." });
  const status = error.details?.["status"];
  if (error.code !== "backend-error" || (status !== 404 && status !== 405)) return error;
  const { origin, pathname } = new URL(baseUrl);
  const base = `${origin}${pathname}`;
  const other = /\/v\d\w*$/.test(pathname)
    ? "its path may be another than /v1, or this server lacks the capability"
    : `perhaps it should be ${base.replace(/\/$/, "")}/v1`;
  return new ModelyardError(
    "backend-error",
    `${origin} has no ${path.startsWith("/") ? path : `${pathname.replace(/\/$/, "")}/${path}`} (${status}).`,
    { cause: error, remedy: `Check baseUrl: ${other}.`, details: error.details },
  );
}

function withNearest(error: ModelyardError, names: readonly string[]): ModelyardError {
  const near = didYouMean(error.model ?? "", names);
  return near === ""
    ? error
    : again(error, { message: `${error.message.replace(/\.?$/, ".")}${near}` });
}

/** The same error, said better. */
function again(
  error: ModelyardError,
  {
    message = error.message,
    remedy = error.remedy,
  }: { message?: string; remedy?: string | undefined },
): ModelyardError {
  const { code, model, details, retryAfterMs } = error;
  return new ModelyardError(code, message, { cause: error, remedy, model, details, retryAfterMs });
}
