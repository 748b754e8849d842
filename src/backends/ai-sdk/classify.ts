import type { Handler } from "../../contract/backend.ts";
import { chat } from "../../contract/capabilities/chat.ts";
import { classification } from "../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../contract/errors.ts";

/**
 * Classification through chat, by a schema of the labels. Left to the core it would come from embedding, its first choice, for every
 * model that is not listed with what it can do, and most models of providers are for chat.
 *
 * The SDK's own `decisionModel` is passed over: Anthropic's asks for the same schema; OpenAI's and Google's need models of their own,
 * which can't be told by their names; and the SDK keeps its interface experimental, to be changed in patch releases (4.0.38).
 */
export function classificationHandler(chatHandler: Handler<"chat">): Handler<"classification"> {
  const derivation = classification.derive?.find(({ from }) => from === chat.name);
  if (derivation === undefined)
    throw new ModelyardError("internal", "Classification is no longer made from chat.");
  return derivation.derive(chatHandler) as Handler<"classification">;
}
