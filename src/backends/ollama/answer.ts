import type { CallContext } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { connectionCode } from "../../contract/http/connection-problem.ts";
import { explainFailure } from "./explain-failure.ts";
import { fromLines } from "./from-lines.ts";
import type { OllamaServer } from "./server.ts";

/** Asks Ollama for an answer, line by line, and gives its events. To stop reading closes the connection, which stops Ollama. */
export async function* answer(
  server: OllamaServer,
  path: "/api/chat" | "/api/generate",
  body: object,
  { fetch, signal, model }: CallContext,
): AsyncGenerator<ChatEvent, void, undefined> {
  let begun = false;
  try {
    const { readLines } = await import("../../contract/http/read-lines.ts");
    const response = await server.send(fetch, path, { body, signal, model });
    for await (const event of fromLines(readLines(response), model)) {
      begun = true;
      yield event;
    }
  } catch (error) {
    if (!begun && "format" in body && wentAway(error)) throw endedByRequest(error, model);
    throw await explainFailure(error, server, { fetch, signal, model });
  }
}

/** Whether Ollama had taken the connection and then closed it, with no word. */
function wentAway(error: unknown): boolean {
  return (
    isModelyardError(error) &&
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(connectionCode(error.cause) ?? "")
  );
}

/** What Ollama's grammar makes of some schemas ends the whole server. */
function endedByRequest(cause: unknown, model: string): ModelyardError {
  return new ModelyardError(
    "backend-unavailable",
    `Ollama went away while it worked on this request to ${model}; its responseSchema may be why.`,
    {
      model,
      cause,
      remedy: "Simplify the schema, above all each pattern, and start Ollama again.",
    },
  );
}
