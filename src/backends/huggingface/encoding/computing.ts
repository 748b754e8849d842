import { ModelyardError } from "../../../contract/errors.ts";
import type { LoadedModel } from "../models/load-model.ts";

/**
 * Runs the network.
 * @throws ModelyardError `backend-error` where the runtime fails; its own words may quote the input, and so stay in `cause`.
 */
export async function computing<T>({ name }: LoadedModel, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const step = /while running (\w+) node/.exec(message)?.[1];
    const where = step === undefined ? "" : ` (in a ${step} step)`;
    throw new ModelyardError("backend-error", `${name} failed while it computed${where}.`, {
      model: name,
      remedy:
        "Its tokenizer and its weights may not belong together: fetch it again, or use another.",
      cause: error,
    });
  }
}
