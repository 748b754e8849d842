import { isModelyardError } from "../../contract/errors.ts";
import type { ProviderModels } from "./provider-models.ts";
import { toError } from "./to-error.ts";

/**
 * Whether the package loads and has what it needs to begin a request: one is made up to the point where it would be sent, and not sent.
 * @throws {ModelyardError} what a call would meet: `invalid-config`, `backend-unauthorized`
 */
export async function checkCredentials(models: ProviderModels, signal: AbortSignal): Promise<void> {
  let ready = false;
  const model = "health";
  const send = () => {
    ready = true;
    return Promise.reject(new Error("A check of health sends nothing."));
  };
  try {
    const language = await models.language(model, send);
    await language.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
      abortSignal: signal,
    });
  } catch (thrown) {
    if (ready) return;
    const error = toError(thrown, { provider: models.provider, model, signal });
    // A package that only embeds, or that knows its models' names, has come far enough.
    if (isModelyardError(error) && error.code === "model-not-found") return;
    throw error;
  }
}
