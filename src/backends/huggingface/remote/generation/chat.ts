import type { CallContext } from "../../../../contract/backend.ts";
import type { ChatEvent, ChatRequest } from "../../../../contract/capabilities/chat.ts";
import { toChatRequest } from "../../../openai-compatible/convert/to-chat-request.ts";
import type { Profile } from "../../../openai-compatible/profiles/profile.ts";
import { readAnswer } from "../../../openai-compatible/read-answer.ts";
import type { Connection } from "../connection.ts";

/** What comes back: a stream, or one piece from a server that does not stream. */
export const streamTypes = "text/event-stream, application/json";

/** Chat in OpenAI's words, as this server spells them, always streamed upstream. `name` is the model's there. */
export async function* chat(
  connection: Connection,
  { profile, name }: { profile: Profile; name: string },
  request: ChatRequest,
  context: CallContext,
): AsyncGenerator<ChatEvent, void, undefined> {
  const body = {
    ...toChatRequest(request, name, profile, context.warn),
    ...request.providerOptions?.["huggingface"],
  };
  const response = await connection.ask(context, "/v1/chat/completions", body, streamTypes);
  yield* readAnswer(response, context.model);
}
