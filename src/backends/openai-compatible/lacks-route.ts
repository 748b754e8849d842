import { isModelyardError } from "../../contract/errors.ts";

/** Whether a server says that it, or its model, has no such route: a failure or a limit says nothing of that. */
export function lacksRoute(error: unknown): boolean {
  if (!isModelyardError(error)) return false;
  return (
    error.code === "capability-not-supported" ||
    (error.code === "backend-error" && [404, 405].includes(error.details?.["status"] as number))
  );
}

/** The same of what a server tells of itself, which a key that may use its models need not be allowed to ask. */
export function tellsNothing(error: unknown): boolean {
  return lacksRoute(error) || (isModelyardError(error) && error.details?.["status"] === 403);
}
