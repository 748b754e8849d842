import { isModelyardError, ModelyardError } from "../../contract/errors.ts";

/** An error with what a person can do about it here: which address was asked, and whether `/v1` is missing. */
export function explain(
  error: unknown,
  { baseUrl, path }: { baseUrl: string; path: string },
): unknown {
  if (!isModelyardError(error)) return error;
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
