import type { Handler } from "../../contract/backend.ts";
import { heedRequest } from "../heed-request.ts";
import { answer } from "./answer.ts";
import type { OllamaServer } from "./server.ts";
import { toCompletionBody } from "./to-body.ts";

/** A text continued by `/api/generate`, always streamed upstream. */
export function completionHandler(server: OllamaServer): Handler<"completion"> {
  return async function* completion(request, context) {
    const { model, warn } = context;
    const description = await server.facts.of(model, context);
    const { config } = server;
    const body = toCompletionBody(request, { model, config, description, warn });
    const events = answer(server, "/api/generate", body, context);
    for await (const event of heedRequest(events, request, warn)) {
      if (event.type === "text-delta" || event.type === "finish") yield event;
    }
  };
}
