import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Log } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { Caller, Gateway } from "../../gateway/api.ts";
import { watchConnection } from "../calls/connection.ts";
import { toWarningsHeader } from "../calls/to-warnings-header.ts";
import { isObject } from "../dialects/invalid-field.ts";
import type { Drain } from "../drain.ts";
import { refuseHeld } from "../keys/refuse-held.ts";
import { answerPull } from "./answer-pull.ts";

export interface AdministrationOptions {
  readonly gateway: Gateway;
  readonly log: Log;
  readonly drain: Pick<Drain, "tell">;
}

interface Named {
  Params: { "*": string };
}

/** `/api`: what there is, and, for those who may, what changes it while it runs. */
export function registerAdministration(app: FastifyInstance, options: AdministrationOptions): void {
  const { gateway, log, drain } = options;
  app.get<{ Querystring: { health?: string } }>("/api/backends", async (request, reply) => {
    refuseHeld(callerOf(request), "see all backends");
    const { signal } = watchConnection(reply.raw);
    const health = request.query.health === "true";
    return { backends: await gateway.backends({ health, signal }) };
  });
  app.get<Named>("/api/backends/*", async (request, _reply) => {
    refuseHeld(callerOf(request), "see all backends");
    return findNamed("backend", request.params["*"], await gateway.backends());
  });

  app.get<{ Querystring: { health?: string; capability?: string } }>(
    "/api/models",
    async (request, reply) => {
      const { signal } = watchConnection(reply.raw);
      const { health, capability } = request.query;
      if (capability !== undefined) checkCapability(capability, [...gateway.capabilities.keys()]);
      const caller = callerOf(request);
      return {
        models: await gateway.models({ health: health === "true", capability, caller, signal }),
      };
    },
  );
  app.get<Named>("/api/models/*", async (request, _reply) =>
    findNamed("model", request.params["*"], await gateway.models({ caller: callerOf(request) })),
  );

  for (const route of ["/api/backends", "/api/backends/*"]) {
    app.post<Partial<Named>>(route, async (request, reply) => {
      const { name, entry } = readEntry(request);
      await gateway.change({ kind: "set-backend", name, entry }, callerOf(request));
      return reply.code(201).send(findNamed("backend", name, await gateway.backends()));
    });
  }
  for (const route of ["/api/models", "/api/models/*"]) {
    app.post<Partial<Named>>(route, async (request, reply) => {
      const { name, entry } = readEntry(request);
      await gateway.change({ kind: "set-model", entry: { ...entry, name } }, callerOf(request));
      return reply.code(201).send({ name, ...entry, added: true });
    });
  }
  app.delete<Named>("/api/backends/*", async (request, reply) => {
    const change = { kind: "remove-backend", name: request.params["*"] } as const;
    const { warnings } = await gateway.change(change, callerOf(request));
    return reply.headers(warningsHeader(warnings)).code(204).send();
  });
  app.delete<Named>("/api/models/*", async (request, reply) => {
    const change = { kind: "remove-model", name: request.params["*"] } as const;
    const { warnings } = await gateway.change(change, callerOf(request));
    return reply.headers(warningsHeader(warnings)).code(204).send();
  });

  app.get("/api/config", async (request, _reply) => {
    const caller = callerOf(request);
    if (caller !== undefined && caller.admin !== true) {
      const message = `The key ${JSON.stringify(caller.name)} may not see the configuration.`;
      throw new ModelyardError("forbidden", message, {
        remedy: 'Use a key whose entry in server.keys says "admin": true.',
      });
    }
    return gateway.configuration();
  });
  app.post("/api/pull", (request, reply) =>
    answerPull({ gateway, log, drain, access: request.access, body: bodyOf(request) }, reply),
  );
  app.post("/api/unload", async (request, _reply) => {
    // Others may be using it.
    refuseHeld(callerOf(request), "unload any");
    const { model } = bodyOf(request);
    if (typeof model !== "string" || model === "")
      throw new ModelyardError("invalid-request", "model: Name the model.", {
        details: { param: "model" },
      });
    await gateway.unload(model);
    return { model, loaded: false };
  });
}

function callerOf({ access }: Pick<FastifyRequest, "access">): Caller | undefined {
  return access?.caller;
}

function warningsHeader(warnings: readonly string[]): Record<string, string> {
  const told = toWarningsHeader(warnings);
  return told === undefined ? {} : { "x-modelyard-warnings": told };
}

function checkCapability(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const message = `capability: There is no ${JSON.stringify(name)}.${didYouMean(name, known)}`;
  throw new ModelyardError("invalid-request", message, {
    remedy: `There are: ${known.join(", ")}.`,
    details: { param: "capability" },
  });
}

/** An entry and its name, which stands in the path or in the body. */
function readEntry(request: FastifyRequest<Partial<Named>>) {
  const { name: given, ...entry } = bodyOf(request);
  const name = request.params?.["*"] ?? given;
  if (typeof name !== "string" || name === "")
    throw new ModelyardError("invalid-request", "name: Say what it is to be called.", {
      details: { param: "name" },
    });
  if (given !== undefined && given !== name)
    throw new ModelyardError("invalid-request", "name: Another name stands in the path.", {
      details: { param: "name" },
    });
  return { name, entry };
}

function bodyOf({ body }: FastifyRequest): Readonly<Record<string, unknown>> {
  if (isObject(body)) return body;
  throw new ModelyardError("invalid-request", "The body must be a JSON object.");
}

function findNamed<Entry extends { readonly name: string }>(
  what: "backend" | "model",
  name: string,
  entries: readonly Entry[],
): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const hint = didYouMean(
    name,
    entries.map((entry) => entry.name),
  );
  const message = `There is no ${what} ${JSON.stringify(name)}.${hint}`;
  throw new ModelyardError("model-not-found", message, {
    remedy: `GET /api/${what}s lists what there is.`,
  });
}
