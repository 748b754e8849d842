import type { Backend } from "../contract/backend.ts";
import { toModelyardError, type ModelyardError } from "../contract/errors.ts";
import type { Secrets } from "../contract/http/secrets.ts";

/** One that can't be made is there nevertheless, and says why to whoever asks: it must take nothing else down. */
export function createOrFail(
  create: () => Backend,
  { redactError }: Secrets,
): { backend: Backend; failure?: ModelyardError } {
  try {
    return { backend: create() };
  } catch (error) {
    const failure = toModelyardError(redactError(error), "backend-unavailable");
    const initialize = () => Promise.reject(failure);
    return { backend: { capabilities: {}, initialize }, failure };
  }
}
