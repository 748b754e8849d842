import type { Handler } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
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
      const { stream } = await model.doStream({
        ...toCallOptions(asked, model.specificationVersion),
        abortSignal: signal,
      });
      const events = readAnswer(stream, { provider, model: name, warn: warnOnce(warn) });
      yield* wrapped === undefined ? events : unwrapped(events, wrapped);
    } catch (thrown) {
      throw toError(thrown, { provider, model: name, signal });
    }
  };
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
