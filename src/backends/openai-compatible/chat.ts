import type { Handler } from "../../contract/backend.ts";
import { heedRequest } from "../heed-request.ts";
import { refuseUnheld } from "../unheld-keywords.ts";
import { toChatRequest } from "./convert/to-chat-request.ts";
import { readAnswer } from "./read-answer.ts";
import { createLackingCheck } from "./refuse-lacking.ts";
import type { Server } from "./server.ts";

/** Chat, streamed upstream whether the caller sees it or not. */
export function chatHandler(server: Server): Handler<"chat"> {
  const refuseLacking = createLackingCheck(server);
  return (request, context) => {
    const { model, warn } = context;

    async function ask(): Promise<Response> {
      const found = server.profile(context);
      const profile = found instanceof Promise ? await found : found;
      if (profile.llamaGrammar) refuseUnheld(request.responseSchema, profile.title);
      const lacking = refuseLacking(request, profile, context);
      if (lacking !== undefined) await lacking;
      return server.post(profile.paths.chat, toChatRequest(request, model, profile, warn), context);
    }

    return heedRequest(readAnswer(ask, model, warn), request, warn);
  };
}
