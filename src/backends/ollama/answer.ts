import type { CallContext } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
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
  try {
    const { readLines } = await import("../../contract/http/read-lines.ts");
    const response = await server.send(fetch, path, { body, signal, model });
    yield* fromLines(readLines(response), model);
  } catch (error) {
    throw await explainFailure(error, server, { fetch, signal, model });
  }
}
