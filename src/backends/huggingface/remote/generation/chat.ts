import type { CallContext } from "../../../../contract/backend.ts";
import type { ChatEvent, ChatRequest } from "../../../../contract/capabilities/chat.ts";
import { heedRequest } from "../../../heed-request.ts";
import { toChatRequest } from "../../../openai-compatible/convert/to-chat-request.ts";
import { findProfile } from "../../../openai-compatible/profiles/find-profile.ts";
import { plainProfile, type Profile } from "../../../openai-compatible/profiles/profile.ts";
import { readAnswer } from "../../../openai-compatible/read-answer.ts";
import { serverUnable } from "../../unable.ts";
import type { Connection } from "../connection.ts";
import { idOf, type Server } from "../server/server.ts";
import { withoutStopTexts } from "./without-stop-texts.ts";

/** What comes back: a stream, or one piece from a server that does not stream. */
export const streamTypes = "text/event-stream, application/json";

/** What Text Generation Inference wants for a model: it has one, and does not look. */
const theOne = "tgi";

/** These say what is asked, of which model and how it is answered: a request's own options can't change them. */
const ours = ["model", "messages", "prompt", "stream"];

/** A body with the request's own options for Hugging Face. */
export function addOwnOptions(
  body: Readonly<Record<string, unknown>>,
  { providerOptions }: Pick<ChatRequest, "providerOptions">,
  warn: (message: string) => void,
): Record<string, unknown> {
  const all = { ...body };
  for (const [name, value] of Object.entries(providerOptions?.["huggingface"] ?? {}))
    if (ours.includes(name))
      warn(`providerOptions.huggingface.${name} was left out: the request itself says it.`);
    else all[name] = value;
  return all;
}

/** Chat in OpenAI's words, as this server spells them, always streamed upstream. `name` is the model's there. */
export async function* chat(
  connection: Connection,
  { profile, name }: { profile: Profile; name: string },
  request: ChatRequest,
  context: CallContext,
): AsyncGenerator<ChatEvent, void, undefined> {
  // What is meant for us says nothing to whom we borrow the words of.
  const { providerOptions: _, ...plain } = request;
  const body = addOwnOptions(
    toChatRequest(plain, name, profile, context.warn),
    request,
    context.warn,
  );
  const response = await connection.ask(context, "/v1/chat/completions", body, streamTypes);
  yield* heedRequest(readAnswer(response, context.model, context.warn), request, context.warn);
}

/** Chat with whatever generates text at an address. */
export function chatOnServer(
  connection: Connection,
  server: Server,
  request: ChatRequest,
  context: CallContext,
): AsyncIterable<ChatEvent> {
  if (server.kind === "openai") {
    const name = idOf(server, context.model);
    return chat(connection, { profile: plainProfile, name }, request, context);
  }
  if (server.kind !== "tgi") throw serverUnable(context.model, "chat");
  const profile = findProfile("tgi") ?? plainProfile;
  const { topP, ...rest } = request;
  // It refuses 1, which means the same as nothing.
  const taken = topP === undefined || topP === 1 ? rest : request;
  const events = chat(connection, { profile, name: theOne }, taken, context);
  return withoutStopTexts(events, request.stop);
}
