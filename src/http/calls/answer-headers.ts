import { toAscii, toWarningsHeader } from "./to-warnings-header.ts";

/** What an answer says of itself in headers. `backend` is left out where none was asked, or none has answered yet. */
export function answerHeaders({
  id,
  backend,
  attempts = 0,
  warnings,
}: {
  /** Of the request. */
  id: string;
  backend?: string | undefined;
  attempts?: number | undefined;
  warnings: readonly string[];
}): Record<string, string> {
  const headers: Record<string, string> = {
    "x-request-id": id,
    "x-modelyard-attempts": String(attempts),
  };
  if (backend !== undefined) headers["x-modelyard-backend"] = toAscii(backend);
  const told = toWarningsHeader(warnings);
  if (told !== undefined) headers["x-modelyard-warnings"] = told;
  return headers;
}
