import type { CallContext } from "../../../../contract/backend.ts";
import type {
  CompletionEvent,
  CompletionRequest,
} from "../../../../contract/capabilities/completion.ts";
import { heedRequest } from "../../../heed-request.ts";
import { toCompletionRequest } from "../../../openai-compatible/convert/to-chat-request.ts";
import { plainProfile } from "../../../openai-compatible/profiles/profile.ts";
import { readAnswer } from "../../../openai-compatible/read-answer.ts";
import type { Connection } from "../connection.ts";
import { idOf, type Server } from "../server/server.ts";
import { serverUnable } from "../../unable.ts";
import { addOwnOptions, streamTypes } from "./chat.ts";
import { completeWithTgi } from "./complete-with-tgi.ts";
import { withoutStopTexts } from "./without-stop-texts.ts";

/** The continuation of a text by whatever generates text at an address. */
export async function* completeOnServer(
  connection: Connection,
  server: Server,
  request: CompletionRequest,
  context: CallContext,
): AsyncGenerator<CompletionEvent, void, undefined> {
  if (server.kind === "tgi")
    return yield* withoutStopTexts(completeWithTgi(connection, request, context), request.stop);
  if (server.kind !== "openai") throw serverUnable(context.model, "complete texts");
  const { model, warn } = context;
  // What is meant for us says nothing to whom we borrow the words of.
  const { providerOptions: _, ...plain } = request;
  const body = addOwnOptions(
    toCompletionRequest(plain, idOf(server, model), plainProfile, warn),
    request,
    warn,
  );
  const response = await connection.ask(context, "/v1/completions", body, streamTypes);
  for await (const event of heedRequest(readAnswer(response, model, warn), request, warn))
    if (event.type === "text-delta" || event.type === "finish") yield event;
}
