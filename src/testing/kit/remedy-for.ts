import { isModelyardError, type ErrorCode } from "../../contract/errors.ts";
import { chapterOf, Failure, type Check } from "./check.ts";

/** What no check is about but those of errors: then it is mended elsewhere. */
const remedies: Partial<Record<ErrorCode, string>> = {
  "backend-unauthorized":
    "Its server refuses the key: give one that it takes, by --config, or by config of describeBackend.",
  "model-not-found":
    "Name a model that its server has, by -m, or by models of describeBackend; or mend the list.",
};
const away = "Start its server, or say where it is, by --config, or by config of describeBackend.";

/** A check that failed, with the remedy of what made it fail, where that is not what the check is about. */
export function withRemedyFor(check: Check, error: unknown): Check {
  const remedy = remedyFor(check, error);
  return remedy === undefined ? check : { ...check, remedy };
}

function remedyFor(check: Check, error: unknown): string | undefined {
  if (error instanceof Failure) return error.remedy;
  if (!isModelyardError(error) || chapterOf(check) === "errors") return undefined;
  const { code, remedy } = error;
  if (code === "invalid-config") return remedy;
  // Elsewhere it may be the kit that keeps its server away.
  const isFirst = check.id.endsWith("/answers") || check.id === "models/list";
  return code === "backend-unavailable" && isFirst ? away : remedies[code];
}
