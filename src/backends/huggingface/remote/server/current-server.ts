import type { CallContext, Model } from "../../../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../../../contract/errors.ts";
import { didYouMean } from "../../../../contract/nearest.ts";
import type { Connection } from "../connection.ts";
import { waitWhileLoading } from "../wait-while-loading.ts";
import { recogniseServer } from "./recognise-server.ts";
import { anyName, modelsOf, type Server } from "./server.ts";

/** What answers at an address now, as far as it is known. */
export interface CurrentServer {
  readonly known: Server | undefined;
  /** Asks it who it is, unless that is known, and waits while it loads. @throws `model-not-found` where it has another model */
  ready(context: CallContext): Promise<Server>;
  /** Its models, asked for anew; none while it loads. */
  list(fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<Model[]>;
  /** Something went wrong: who cannot be reached may be somebody else when it is back. */
  failed(error: unknown): void;
}

/** How long an endpoint is believed to be up, in milliseconds: it is scaled to zero after 15 minutes at the earliest. */
const lifetimeMs = 10 * 60_000;
/** How often a caller hears that an endpoint still holds its question back, in milliseconds. */
const progressMs = 2_000;

export function createCurrentServer(connection: Connection): CurrentServer {
  let known: Server | undefined;
  let knownAt = 0;

  function learn(server: Server): Server {
    known = server;
    knownAt = performance.now();
    return server;
  }

  /** A server that is up answers at once; a proxy may hold the question back until it is. */
  async function recognise({ fetch, signal, model, progress }: CallContext): Promise<Server> {
    const held = setInterval(() => progress({ phase: "load", model }), progressMs);
    try {
      return await recogniseServer(connection, fetch, signal);
    } finally {
      clearInterval(held);
    }
  }

  return {
    get known() {
      return known;
    },

    async ready(context) {
      const old = connection.isDedicated && performance.now() - knownAt > lifetimeMs;
      const server =
        known === undefined || old
          ? learn(await waitWhileLoading(() => recognise(context), context.model, context))
          : known;
      requireModel(server, context.model);
      return server;
    },

    async list(fetch, signal) {
      try {
        return modelsOf(learn(await recogniseServer(connection, fetch, signal)));
      } catch (error) {
        // Nobody has to know its name: a call waits until it is up, and learns then what it can do.
        if (isModelyardError(error) && error.details?.["loading"] === true) return [];
        throw error;
      }
    },

    failed(error) {
      if (isModelyardError(error) && error.code === "backend-unavailable") known = undefined;
    },
  };
}

/** While a server was loading any name was taken for its own. */
function requireModel(server: Server, wanted: string): void {
  if (server.kind === "toolkit") return;
  const models = modelsOf(server);
  if (models.some(({ name, aliases = [] }) => name === wanted || aliases.includes(wanted))) return;
  const names = models.map(({ name }) => name);
  throw new ModelyardError(
    "model-not-found",
    `This server has no model ${JSON.stringify(wanted)}.${didYouMean(wanted, names)}`,
    {
      model: wanted,
      remedy:
        names.length === 1
          ? `It has ${names[0]}, which "${anyName}" names too.`
          : "`modelyard models` lists what it has.",
    },
  );
}
