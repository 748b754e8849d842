import type { Handler } from "../../contract/backend.ts";
import { heedRequest } from "../heed-request.ts";
import { answer } from "./answer.ts";
import type { OllamaServer } from "./server.ts";
import { toChatBody } from "./to-body.ts";

/** Chat by `/api/chat`, always streamed upstream. */
export function chatHandler(server: OllamaServer): Handler<"chat"> {
  return async function* chat(request, context) {
    const { model, warn } = context;
    const description = await server.facts.of(model, context);
    const { config } = server;
    const body = toChatBody(request, { model, config, description, warn });
    yield* heedRequest(answer(server, "/api/chat", body, context), request, warn);
  };
}
