import type { Handler } from "../../contract/backend.ts";
import type { ChatEvent, ChatRequest } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { heedRequest } from "../heed-request.ts";
import { toCallOptions } from "./convert.ts";
import { warnOnce } from "./describe-warning.ts";
import type { ProviderModels } from "./provider-models.ts";
import { readAnswer } from "./read-answer.ts";
import { toError } from "./to-error.ts";
import { wrapSchema, type WrappedSchema } from "./wrap-schema.ts";

/** Chat through a provider's `doStream`, whether the caller streams or not. */
export function chatHandler(models: ProviderModels): Handler<"chat"> {
  const { provider } = models;
  return async function* chat(request, { model: name, signal, fetch, warn }) {
    try {
      const wrapped =
        request.responseSchema === undefined ? undefined : wrapSchema(request.responseSchema);
      const asked =
        wrapped === undefined ? request : { ...request, responseSchema: wrapped.schema };
      const model = await models.language(name, fetch);
      tellUnheeded(request, { name, specification: model.specificationVersion, warn });
      const { stream } = await model.doStream({
        ...toCallOptions(asked, model.specificationVersion),
        abortSignal: signal,
      });
      const events = readAnswer(stream, { provider, model: name, warn: warnOnce(warn) });
      const heard = heedRequest(events, request, warn);
      yield* wrapped === undefined ? heard : unwrapped(heard, wrapped);
    } catch (thrown) {
      throw toError(thrown, { provider, model: name, signal });
    }
  };
}

/** What the SDK has no word for. @throws ModelyardError `capability-not-supported` where an answer without it is of no use */
function tellUnheeded(
  { logprobs, logitBias, reasoningEffort }: ChatRequest,
  { name, specification, warn }: { name: string; specification: string; warn(text: string): void },
): void {
  if (logprobs !== undefined) {
    throw new ModelyardError("capability-not-supported", "ai-sdk does not take logprobs.", {
      model: name,
      remedy: "Leave logprobs out, or use a model of another backend.",
      details: { param: "logprobs" },
    });
  }
  if (logitBias !== undefined) warn("logitBias: the AI SDK has no word for it; it was left out.");
  if (reasoningEffort !== undefined && specification === "v3")
    warn("reasoningEffort: providers of V3 can't be told; it was left out.");
}

/** The same events, their text in one piece and out of its object: what surrounds a value is known only with its end. */
async function* unwrapped(
  events: AsyncIterable<ChatEvent>,
  { unwrap }: WrappedSchema,
): AsyncGenerator<ChatEvent, void, undefined> {
  let text = "";
  for await (const event of events) {
    if (event.type === "text-delta") {
      text += event.text;
      continue;
    }
    if (event.type === "finish" && text !== "") yield { type: "text-delta", text: unwrap(text) };
    yield event;
  }
}
