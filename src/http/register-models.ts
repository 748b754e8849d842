import type { FastifyInstance } from "fastify";
import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Gateway, ModelEntry } from "../gateway/api.ts";
import { watchConnection } from "./calls/connection.ts";
import { toModel } from "./dialects/openai/to-model.ts";

/** `/v1/models`: what there is, and one of them by its name, whose slashes may be escaped or not. */
export function registerModels(app: FastifyInstance, gateway: Gateway): void {
  app.get("/v1/models", async (request, reply) => {
    const { signal } = watchConnection(reply.raw);
    const models = await gateway.models({ signal, caller: request.access?.caller });
    return { object: "list", data: models.map(toModel) };
  });
  app.get<{ Params: { "*": string } }>("/v1/models/*", async (request, reply) => {
    const { signal } = watchConnection(reply.raw);
    const name = request.params["*"];
    return toModel(
      findModel(await gateway.models({ signal, caller: request.access?.caller }), name),
    );
  });
}

/** A model by the name that is listed, or without its backend's where one backend alone has it. */
function findModel(models: readonly ModelEntry[], name: string): ModelEntry {
  const exact = models.find((entry) => entry.name === name);
  if (exact !== undefined) return exact;
  const [bare, ...others] = models.filter((entry) => entry.name === `${entry.backend}/${name}`);
  if (bare !== undefined && others.length === 0) return bare;
  const hint = didYouMean(
    name,
    models.map((entry) => entry.name),
  );
  throw new ModelyardError("model-not-found", `There is no model ${JSON.stringify(name)}.${hint}`, {
    remedy: "GET /v1/models lists what there is.",
  });
}
