import type { BackendSetup, LoadContext, PullContext } from "../../contract/backend.ts";
import { createChat } from "./chat.ts";
import { createCompletion } from "./completion.ts";
import type { OllamaConfig } from "./config.ts";
import { createEmbed } from "./embed.ts";
import { fullName } from "./full-name.ts";
import { checkHealth } from "./health.ts";
import { listModels } from "./list-models.ts";
import { pull } from "./pull.ts";
import { load, unload } from "./residency.ts";
import { createServer } from "./server.ts";

/** All that is done with one Ollama. */
export type Connection = ReturnType<typeof connect>;

/** What is known of an Ollama, and all that is done with it. Sends nothing by itself. */
export function connect(setup: BackendSetup<OllamaConfig>) {
  const server = createServer(setup);
  return {
    chat: createChat(server),
    completion: createCompletion(server),
    embed: createEmbed(server),
    checkHealth: (signal: AbortSignal) => checkHealth(server, signal),
    listModels: (signal: AbortSignal) => listModels(server, signal),
    load: (model: string, context: LoadContext) => load(server, model, context),
    unload: (model: string) => unload(server, model),
    pull: (model: string, context: PullContext) => pull(server, model, context),
    async remove(model: string) {
      const request = { method: "DELETE", body: { model }, model };
      const response = await server.send(server.fetch, "/api/delete", request);
      await response.text();
      server.loaded.delete(fullName(model));
    },
  };
}
