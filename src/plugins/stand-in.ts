import { z } from "zod";
import type { AnyBackendDefinition, Handlers } from "../contract/backend.ts";
import { defineCapability, type AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { describeSetAside, type SetAside } from "../contract/set-aside.ts";

export interface StandInOptions {
  readonly setAside: readonly SetAside[];
  /** Those it is asked for. */
  readonly capabilities: readonly AnyCapability[];
  /** Whether it is there without being configured. */
  readonly builtIn: boolean;
}

/**
 * A kind of backend that nobody has, while a plugin was set aside which may be the one that has it: what is configured of it fails by
 * itself, with the reason, and takes nothing else down. It sends nothing, so nothing goes further than it was meant to.
 */
export function standIn(
  type: string,
  { setAside, capabilities, builtIn }: StandInOptions,
): AnyBackendDefinition {
  const reasons = setAside.map(describeSetAside).join(" ");
  const failure = (backend: string) =>
    new ModelyardError(
      "backend-unavailable",
      `There is no backend of type ${JSON.stringify(type)}.`,
      // To try again at once would change nothing.
      { backend, remedy: reasons, retryAfterMs: 60_000 },
    );
  const names = capabilities.map(({ name }) => name) as (keyof Handlers)[];
  return {
    contract: 1,
    type,
    config: z.looseObject({}),
    builtIn,
    sends: "nothing",
    capabilities: names,
    create({ name }) {
      const refuse = async () => {
        throw failure(name);
      };
      return {
        capabilities: Object.fromEntries(names.map((each) => [each, refuse])),
        initialize: refuse,
        healthCheck: async () => ({ status: "unhealthy", reason: reasons }),
      };
    },
  };
}

/** A capability that nobody has, so that a configuration may speak of it. Nothing is ever asked of it. */
export function standInCapability(name: string): AnyCapability {
  return defineCapability({
    name,
    description: "A capability of a plugin that was set aside.",
    names: { tool: name, route: `/v1/${name}`, verb: name },
    request: z.unknown(),
    output: z.unknown(),
    result: z.unknown(),
    text: { input: "input", ofResult: String },
    collect: (output) => output,
  });
}
