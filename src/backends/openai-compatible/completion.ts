import type { CallContext, Handler } from "../../contract/backend.ts";
import {
  completion,
  type CompletionEvent,
  type CompletionRequest,
} from "../../contract/capabilities/completion.ts";
import { chat } from "../../contract/capabilities/chat.ts";
import { heedRequest } from "../heed-request.ts";
import { toCompletionRequest } from "./convert/to-chat-request.ts";
import { lacksRoute } from "./lacks-route.ts";
import { readAnswer } from "./read-answer.ts";
import type { Server } from "./server.ts";

type CompletionHandler = (
  request: CompletionRequest,
  context: CallContext,
) => AsyncIterable<CompletionEvent>;

/** Completion by the server's own route, else through chat, with the words that are used for any backend without one. */
export function completionHandler(
  server: Server,
  chatHandler: Handler<"chat">,
): Handler<"completion"> {
  const derivation = completion.derive?.find(({ from }) => from === chat.name);
  const throughChat = derivation?.derive(chatHandler as never) as unknown as CompletionHandler;
  /** Models that turned out to chat only. */
  const chatOnly = new Set<string>();

  return async function* completed(request, context) {
    const profile = await server.profile(context);
    const path = profile.paths.completion;
    if (path === undefined || chatOnly.has(context.model))
      return yield* throughChat(request, context);
    let response: Response;
    try {
      const body = toCompletionRequest(request, context.model, profile, context.warn);
      response = await server.post(path, body, context);
    } catch (error) {
      if (!lacksRoute(error)) throw error;
      chatOnly.add(context.model);
      return yield* throughChat(request, context);
    }
    const events = readAnswer(response, context.model, context.warn);
    for await (const event of heedRequest(events, request, context.warn))
      if (event.type === "text-delta" || event.type === "finish") yield event;
  };
}
