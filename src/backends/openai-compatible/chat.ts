import type { Handler } from "../../contract/backend.ts";
import { deferIterable } from "../../contract/defer-iterable.ts";
import { heedRequest } from "../heed-request.ts";
import { refuseUnheld } from "../unheld-keywords.ts";
import { toChatRequest } from "./convert/to-chat-request.ts";
import { readAnswer } from "./read-answer.ts";
import { createLackingCheck } from "./refuse-lacking.ts";
import type { Server } from "./server.ts";

/** Chat, streamed upstream whether the caller sees it or not. */
export function chatHandler(server: Server): Handler<"chat"> {
  const refuseLacking = createLackingCheck(server);
  return (request, context) =>
    deferIterable(async () => {
      const profile = await server.profile(context);
      if (profile.llamaGrammar) refuseUnheld(request.responseSchema, profile.title);
      await refuseLacking(request, profile, context);
      const body = toChatRequest(request, context.model, profile, context.warn);
      const response = await server.post(profile.paths.chat, body, context);
      return heedRequest(readAnswer(response, context.model, context.warn), request, context.warn);
    });
}
