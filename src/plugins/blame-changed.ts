import type { Log } from "../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import type { Kinds } from "./kinds.ts";
import { tellStale } from "./take-kinds.ts";

/**
 * Why a configuration can't be taken anew, where plugins have changed since it was: their files are named first, for it is not the
 * configuration that has changed. What of them can't be read at all is told in the log, as it is where the rest is right.
 */
export function blameChanged(
  error: unknown,
  kinds: Kinds,
  former: Kinds,
  log: Log,
): ModelyardError {
  tellStale(kinds, log);
  const problem = toModelyardError(error, "invalid-config");
  const changed = kinds.plugins.flatMap((each) => {
    const twin = former.plugins.find(({ plugin }) => plugin === each.plugin);
    return twin === undefined || twin === each ? [] : [each.file ?? each.plugin];
  });
  if (changed.length === 0) return problem;
  const { code, message, remedy, details } = problem;
  const what = `${changed.join(", ")} has changed, and what is configured does not fit it any more.`;
  return new ModelyardError(code, `${what} ${message}`, { remedy, details, cause: error });
}
