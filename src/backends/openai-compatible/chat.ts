import type { Handler } from "../../contract/backend.ts";
import { heedRequest } from "../heed-request.ts";
import { refuseUnheld } from "../unheld-keywords.ts";
import { toChatRequest } from "./convert/to-chat-request.ts";
import { readAnswer } from "./read-answer.ts";
import type { Profile } from "./profiles/profile.ts";
import { createLackingCheck } from "./refuse-lacking.ts";
import type { Server } from "./server.ts";

/** Chat, streamed upstream whether the caller sees it or not. */
export function chatHandler(server: Server): Handler<"chat"> {
  const refuseLacking = createLackingCheck(server);
  return (request, context) => {
    const { model, warn } = context;

    function ask(profile: Profile): Promise<Response> {
      if (profile.llamaGrammar) refuseUnheld(request.responseSchema, profile.title);
      const post = () => {
        const body = toChatRequest(request, model, profile, warn);
        return server.post(profile.paths.chat, body, context);
      };
      return refuseLacking(request, profile, context)?.then(post) ?? post();
    }

    const answer = () => {
      const profile = server.profile(context);
      return profile instanceof Promise ? profile.then(ask) : ask(profile);
    };
    return heedRequest(readAnswer(answer, model, warn), request, warn);
  };
}
