import { readFile } from "node:fs/promises";
import { ModelyardError } from "../../../contract/errors.ts";
import { toKnownToken } from "./to-known-token.ts";
import type { Token } from "./parse-token.ts";

/** The token that a file holds. @throws `backend-unauthorized` where there is none */
export async function readTokenFile(file: string, signal: AbortSignal): Promise<Token> {
  const text = await readFile(file, { encoding: "utf8", signal }).catch((error: unknown) => {
    throw signal.aborted ? error : unreadable(file, error);
  });
  return toKnownToken(text, `The token file ${file}`, "Write the token into it, and nothing else.");
}

function unreadable(file: string, error: unknown): ModelyardError {
  const { code = "unknown" } = error as NodeJS.ErrnoException;
  const problem = code === "ENOENT" ? "does not exist" : `can't be read (${code})`;
  return new ModelyardError("backend-unauthorized", `The token file ${file} ${problem}.`, {
    cause: error,
    remedy: "Check auth.file; a path that is relative begins where Modelyard was started.",
  });
}
