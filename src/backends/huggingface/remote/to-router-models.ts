import type { Model } from "../../../contract/backend.ts";
import { ModelyardError } from "../../../contract/errors.ts";

/** What picks the provider where the name of a model ends in one of these. */
const policies = ["fastest", "cheapest", "preferred"];

/**
 * The models of Inference Providers, from `/v1/models`: all of them chat. A model with one of its providers, or with a policy, is
 * another name for it.
 * @throws `invalid-response`
 */
export function toRouterModels(list: unknown): Model[] {
  const { data } = (list ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) {
    throw new ModelyardError("invalid-response", "Inference Providers gave no list of models.");
  }
  return data.flatMap((each: unknown): Model[] => {
    const { id, providers } = (each ?? {}) as { id?: unknown; providers?: unknown };
    if (typeof id !== "string") return [];
    const serving = (Array.isArray(providers) ? providers : []) as Record<string, unknown>[];
    const names = serving
      .map(({ provider }) => provider)
      .filter((name) => typeof name === "string");
    const windows = serving.map((one) => Number(one["context_length"])).filter((size) => size > 0);
    return [
      {
        name: id,
        aliases: [...names, ...policies].map((name) => `${id}:${name}`),
        capabilities: ["chat"],
        // What holds wherever it is sent.
        ...(windows.length === 0 ? {} : { contextTokens: Math.min(...windows) }),
      },
    ];
  });
}
