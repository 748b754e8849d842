import { z } from "zod";
import type { Backend } from "../contract/backend.ts";
import type { AnyCapability, AnyHandler } from "../contract/capability.ts";
import { checkedHandler, invalidAnswer } from "../contract/checked-handler.ts";
import { privacyClasses } from "../contract/http/privacy-class.ts";
import type { Schema } from "../contract/schema.ts";
import { validate } from "../contract/validate.ts";

const figure = z.number().nonnegative().optional();

const listedModels = z.array(
  z.looseObject({
    name: z.string().min(1),
    aliases: z.array(z.string()).optional(),
    capabilities: z.array(z.string()).optional(),
    contextTokens: figure,
    sizeBytes: figure,
    memoryBytes: figure,
    installed: z.boolean().optional(),
    loaded: z.boolean().optional(),
    description: z.string().optional(),
    licence: z.string().optional(),
    privacy: z.enum(privacyClasses).optional(),
  }),
);

const health = z.looseObject({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  reason: z.string().optional(),
});

const loaded = z.looseObject({ memoryBytes: figure }).optional();

/**
 * The same backend, of an author whose types do not hold at run time: its handlers are held to their capabilities, what it tells of its
 * health and its models to the contract. `backend`'s methods are called without it: none of them may need it as its `this`.
 */
export function checkAnswers(backend: Backend, capabilities: readonly AnyCapability[]): Backend {
  const checked = new WeakMap<AnyHandler, AnyHandler>();

  function held(name: string, handler: AnyHandler): AnyHandler {
    const capability = capabilities.find((each) => each.name === name);
    if (capability === undefined || typeof handler !== "function") return handler;
    const known = checked.get(handler) ?? checkedHandler(capability, handler);
    checked.set(handler, known);
    return known;
  }

  const { healthCheck, listModels, load } = backend;
  return {
    ...backend,
    get capabilities() {
      const handlers = Object.entries(backend.capabilities);
      return Object.fromEntries(handlers.map(([name, handler]) => [name, held(name, handler)]));
    },
    ...(healthCheck && { healthCheck: answering(healthCheck, health, "answer of healthCheck") }),
    ...(listModels && { listModels: answering(listModels, listedModels, "answer of listModels") }),
    ...(load && { load: answering(load, loaded, "answer of load") }),
  };
}

function answering<Values extends unknown[], Answer>(
  method: (...values: Values) => Promise<Answer>,
  schema: Schema<unknown, unknown>,
  what: string,
): (...values: Values) => Promise<Answer> {
  return async (...values) => {
    const answer = await method(...values);
    validate(schema, answer, { what, ...invalidAnswer });
    return answer;
  };
}
