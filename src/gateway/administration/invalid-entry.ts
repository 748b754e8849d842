import type { Problem } from "../../contract/describe-issues.ts";
import { ModelyardError } from "../../contract/errors.ts";

/** What is wrong with an entry that somebody asks for, all at once. */
export function invalidEntry(what: string, problems: readonly Problem[]): ModelyardError {
  const lines = problems.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  return new ModelyardError("invalid-request", `What is wrong with ${what}: ${lines.join(" ")}`, {
    details: { problems },
    remedy: "Nothing has changed.",
  });
}
