import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Interest, Progress } from "../contract/progress.ts";
import type { Caller, CallOptions, Gateway } from "./api.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import { checkCaller } from "./check-caller.ts";
import { listModels } from "./lists.ts";
import { thrownBy } from "./placement-of.ts";
import { isReference, leadsAnywhere } from "./reference.ts";
import type { Registry } from "./registry.ts";
import type { RunningBackend } from "./running-backend.ts";
import type { Snapshot } from "./snapshot.ts";

/** What is done to models beside calling them. */
export type ModelUpkeep = Pick<Gateway, "pull" | "unload" | "remove">;

export interface ModelUpkeepOptions {
  readonly capabilities: ReadonlyMap<string, AnyCapability>;
  readonly definitions: readonly AnyBackendDefinition[];
  readonly registry: Registry;
  /** What is configured now. */
  readonly current: () => Snapshot;
  readonly underWay: CallsUnderWay;
  readonly teller: (listener: CallOptions["onProgress"]) => (event: Progress) => void;
}

export function createModelUpkeep(options: ModelUpkeepOptions): ModelUpkeep {
  const { capabilities, definitions, registry, current, underWay, teller } = options;

  /** `limit`: how far one may be asked for it. */
  async function targetOf(
    name: string,
    limit?: PrivacyClass,
  ): Promise<{ backend: RunningBackend; model: string }> {
    const { targets } = await current().names.resolve(name, undefined, limit);
    const { backend, target } = targets[0]!;
    const beyond = await backend.excluded(limit);
    if (beyond !== undefined) throw beyond;
    return { backend, model: target.model };
  }

  async function refuseUnlisted(
    name: string,
    who: { signal: AbortSignal; caller: Caller | undefined },
  ): Promise<void> {
    const { configuration } = current();
    const listed = await listModels(registry.all, configuration, capabilities, who);
    if (listed.some((entry) => entry.name === name)) return;
    const message = `Only listed models and hf: references may be fetched from here: ${JSON.stringify(name)} is a path or a URL.`;
    const remedy = "Fetch it on the command line: modelyard pull …";
    throw new ModelyardError("forbidden", message, { remedy });
  }

  /** The backend that a reference to weights is meant for: the one that bears its type's name, or where it is switched off, another one. */
  function takerOf(reference: string): RunningBackend {
    const faults: string[] = [];
    const definition = definitions.find((each) => {
      try {
        return each.takesReference?.(reference) === true;
      } catch (error) {
        const { problem } = thrownBy("takesReference", error, {});
        faults.push(`The kind ${JSON.stringify(each.type)} could not be asked. ${problem}`);
        return false;
      }
    });
    if (definition === undefined) {
      const message = `No kind of backend takes ${JSON.stringify(reference)}.`;
      throw new ModelyardError("invalid-request", [message, ...faults].join(" "));
    }
    const { type } = definition;
    const able = registry.all.filter((each) => each.definition.type === type);
    return able.find(({ name }) => name === type) ?? able[0] ?? registry.get(type);
  }

  /** Does it for as long as its caller wants it. */
  async function attend<Result>(
    options: { signal?: AbortSignal | undefined; onProgress?: CallOptions["onProgress"] },
    work: (interest: Interest) => Promise<Result>,
  ): Promise<Result> {
    const { controller, leave } = underWay.enter(options);
    try {
      return await work({ signal: controller.signal, progress: teller(options.onProgress) });
    } finally {
      leave();
    }
  }

  return {
    pull: (name, { sha256, onlyListed = false, caller, ...options } = {}) =>
      attend(options, async (interest) => {
        checkCaller(caller, name);
        if (onlyListed && leadsAnywhere(name))
          await refuseUnlisted(name, { signal: interest.signal, caller });
        const { backend, model } = isReference(name)
          ? { backend: takerOf(name), model: name }
          : await targetOf(name, caller?.privacy);
        const pulled = await backend.pull(model, interest, sha256);
        return {
          model: `${backend.name}/${pulled.name}`,
          ...(pulled.sizeBytes === undefined ? {} : { sizeBytes: pulled.sizeBytes }),
          ...(pulled.sha256 === undefined ? {} : { digest: `sha256:${pulled.sha256}` }),
        };
      }),

    async unload(name) {
      const { backend, model } = await targetOf(name);
      await backend.unload(model);
    },

    remove: (name) =>
      attend({}, async (interest) => {
        const { backend, model } = await targetOf(name);
        await backend.remove(model, interest);
      }),
  };
}
