import type { CallContext } from "../../../../contract/backend.ts";
import type { ChatEvent, ChatRequest } from "../../../../contract/capabilities/chat.ts";
import { findProfile } from "../../../openai-compatible/profiles/find-profile.ts";
import { plainProfile } from "../../../openai-compatible/profiles/profile.ts";
import type { Connection } from "../connection.ts";
import { idOf, type Server } from "../server/server.ts";
import { unable } from "../unable.ts";
import { chat } from "./chat.ts";
import { withoutStopTexts } from "./without-stop-texts.ts";

/** What Text Generation Inference wants for a model: it has one, and does not look. */
const theOne = "tgi";

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
  if (server.kind !== "tgi") throw unable(context.model, "chat");
  const profile = findProfile("tgi") ?? plainProfile;
  const { topP, ...rest } = request;
  // It refuses 1, which means the same as nothing.
  const taken = topP === undefined || topP === 1 ? rest : request;
  const events = chat(connection, { profile, name: theOne }, taken, context);
  return withoutStopTexts(events, request.stop);
}
