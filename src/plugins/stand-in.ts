import { z } from "zod";
import type { AnyBackendDefinition } from "../contract/backend.ts";
import { defineCapability, type AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { describeSetAside, type SetAside } from "../contract/set-aside.ts";

export interface StandInOptions {
  /** At least one. */
  readonly setAside: readonly SetAside[];
  /** Whether it is there without being configured. */
  readonly builtIn: boolean;
}

/**
 * A kind of backend that nobody has, while a plugin was set aside which may be the one that has it: what is configured of it fails by
 * itself, with the reason, and takes nothing else down. It sends nothing, so nothing goes further than it was meant to.
 */
export function standIn(type: string, { setAside, builtIn }: StandInOptions): AnyBackendDefinition {
  const reasons = setAside.map(describeSetAside).join(" ");
  const bringer = setAside.length === 1 ? "the plugin" : "one of the plugins";
  const message = `There is no backend of type ${JSON.stringify(type)}: ${bringer} that may bring it was set aside.`;
  return {
    contract: 1,
    type,
    config: z.looseObject({}),
    builtIn,
    sends: "nothing",
    create: ({ name: backend }) => ({
      // It refuses to start, so nobody asks what it can do.
      capabilities: {},
      async initialize() {
        // To try again at once would change nothing.
        throw new ModelyardError("backend-unavailable", message, {
          backend,
          // Not in the message: who is paused repeats the remedy alone.
          remedy: reasons,
          retryAfterMs: 60_000,
        });
      },
      healthCheck: async () => ({ status: "unhealthy", reason: reasons }),
    }),
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
