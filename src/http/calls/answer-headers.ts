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
  const told = toWarningsHeader(warnings);
  return {
    "x-request-id": id,
    ...(backend === undefined ? {} : { "x-modelyard-backend": toAscii(backend) }),
    "x-modelyard-attempts": String(attempts),
    ...(told === undefined ? {} : { "x-modelyard-warnings": told }),
  };
}
