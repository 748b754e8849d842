import { ModelyardError, type ErrorOptions } from "./errors.ts";

/** When another server may have taken over, in milliseconds. */
const retryAfterMs = 1_000;

/** What is told of what is refused or cut because the program ends: a reason to come back, and no fault of the backend's. */
export function shuttingDown(message: string, at: ErrorOptions = {}): ModelyardError {
  return new ModelyardError("backend-unavailable", message, {
    ...at,
    retryAfterMs,
    details: { limit: "shutdown" },
    remedy: "Try again in a moment.",
  });
}

/** Of what was under way, and took longer than was waited for it. */
export const cutMessage = "Modelyard is shutting down, and the call took longer than it waits.";
