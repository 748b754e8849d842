import type { AnyBackendDefinition, Backend, BackendSetup } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { createBackend } from "../contract/create-backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Target } from "../pipeline/call.ts";
import type { ConfiguredBackend } from "./configuration.ts";
import type { createGatewayEvents } from "./gateway-events.ts";
import type { Registry } from "./registry.ts";
import { runBackend, type RunningBackend, type RunningBackendOptions } from "./running-backend.ts";

/** Puts the process wall around a backend whose definition, or configuration, asks for it. */
export type Wall = (
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
  options: {
    /** What it sends with; given where all of it goes behind the wall, not an engine's handlers alone. */
    readonly guard?: GuardedFetchOptions | undefined;
    readonly capabilities: readonly AnyCapability[];
  },
) => Backend;

export interface StartOptions extends Pick<
  RunningBackendOptions,
  "memory" | "log" | "openFetch" | "environment" | "lookup" | "directory"
> {
  readonly capabilities: ReadonlyMap<string, AnyCapability>;
  readonly registry: Pick<Registry, "listsChanged">;
  readonly events: Pick<ReturnType<typeof createGatewayEvents>, "emit">;
  readonly isolate: Wall | undefined;
  /** Whether somebody named this model: its weights may be fetched. */
  readonly isNamed: (target: Target) => boolean;
}

/** Starts backends as they are configured: behind the wall where that is asked for, and heard by who listens to the gateway. */
export function createBackendStarter(options: StartOptions) {
  const { capabilities: byName, registry, events, isolate, isNamed, ...given } = options;

  /** `allow` is how far any prompt may go. */
  return function startBackend(
    definition: AnyBackendDefinition,
    configured: ConfiguredBackend,
    allow: PrivacyClass,
  ): RunningBackend {
    const { name, settings } = configured;
    const capabilities = [...byName.values()];
    return runBackend({
      ...given,
      definition,
      configured,
      capabilities,
      allow,
      create(setup, guard, isolation) {
        const how = settings.isolate ? "everything" : isolation;
        if (how === undefined) return createBackend(definition, setup, capabilities);
        if (isolate !== undefined)
          return isolate(definition, setup, {
            capabilities,
            ...(how === "everything" && { guard }),
          });
        if (how === "handlers") return createBackend(definition, setup, capabilities);
        throw new ModelyardError("internal", `There is no process wall to put ${name} behind.`);
      },
      mayPull: (model) => settings.autoPull ?? isNamed({ backend: name, model }),
      onState: (state, reason) =>
        events.emit("state", { backend: name, state, ...(reason === undefined ? {} : { reason }) }),
      onHealth: (health, model) =>
        events.emit("health", {
          backend: name,
          ...(model === undefined ? {} : { model }),
          ...health,
        }),
      onCircuit: (model, state) => events.emit("circuit", { backend: name, model, state }),
      onModels() {
        registry.listsChanged();
        events.emit("models");
      },
    });
  };
}
