import type { Backend, Model, PullResult } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Interest } from "../contract/progress.ts";
import type { Release } from "../pipeline/call.ts";
import type { MemoryShare } from "./memory-budget.ts";
import { createSharedWorks } from "../contract/shared-works.ts";
import { quietAtFirst } from "./quiet-at-first.ts";

/** Brings a backend's models here and into memory, each once however many calls need it. */
export interface ModelWeights {
  /** Whether a model can be asked at once. */
  ready(model: string, found: Model | undefined): boolean;
  /** Keeps a model that is ready in memory. */
  hold(model: string): Release;
  /** Fetches and loads what is missing, in turn with those who wait for memory, and holds the model. */
  makeReady(model: string, found: Model | undefined, interest: Interest): Promise<Release>;
  pull(model: string, interest: Interest, sha256?: string): Promise<PullResult>;
  remove(model: string): Promise<void>;
}

export interface ModelWeightsOptions {
  readonly name: string;
  readonly backend: Backend;
  readonly memory: MemoryShare;
  /**
   * Whether it works on this machine itself: a model larger than the budget is refused, and offline it takes what is here. An
   * upstream knows itself what it can hold, and fetches whatever it is asked for.
   */
  readonly embedded: boolean;
  /** Whether a model's missing weights may be fetched unasked. */
  readonly mayPull: (model: string) => boolean;
  /** Models came, went, were loaded or unloaded. */
  readonly onChanged: () => void;
}

export function createModelWeights(options: ModelWeightsOptions): ModelWeights {
  const { name, backend, memory, embedded, mayPull, onChanged } = options;
  const pulls = createSharedWorks<PullResult>();
  const loads = createSharedWorks();

  const hold = (model: string) => (backend.load === undefined ? () => {} : memory.hold(model));

  function unable(what: string, model: string): ModelyardError {
    return new ModelyardError("capability-not-supported", `${name} can't ${what} models.`, {
      backend: name,
      model,
    });
  }

  function offline(model: string): ModelyardError {
    const message = `${name}/${model} is not fetched: offline nothing is.`;
    const remedy = "Go without --offline and MODELYARD_OFFLINE, or name a model that is here.";
    return new ModelyardError("download-failed", message, { backend: name, model, remedy });
  }

  function pull(model: string, interest: Interest, sha256?: string): Promise<PullResult> {
    // Who asks for another digest must not be content with a file that nobody held to it.
    return pulls.join(`${model} ${sha256}`, interest, async ({ signal, progress }) => {
      if (backend.pull === undefined) throw unable("fetch", model);
      if (!embedded && process.env["MODELYARD_OFFLINE"] === "1") throw offline(model);
      try {
        const steps = backend.pull(model, { signal, sha256 })[Symbol.asyncIterator]();
        // Not `for await`, which drops what the generator returns.
        for (;;) {
          const step = await steps.next();
          if (step.done === true) return step.value ?? { name: model };
          progress(step.value);
        }
      } finally {
        onChanged();
      }
    });
  }

  async function install(model: string, found: Model | undefined, interest: Interest) {
    if (found?.installed !== false) return;
    if (mayPull(model)) return void (await pull(model, interest));
    throw new ModelyardError("model-not-found", `The weights of ${name}/${model} are not here.`, {
      backend: name,
      model,
      remedy: `Fetch them with \`modelyard pull ${name}/${model}\`.`,
    });
  }

  function load(model: string, found: Model | undefined, interest: Interest): Promise<void> {
    return loads.join(model, interest, async ({ signal, progress }) => {
      const estimate = found?.memoryBytes ?? found?.sizeBytes ?? 0;
      const residency = {
        bytes: embedded ? estimate : Math.min(estimate, memory.budgetBytes),
        async unload() {
          try {
            await backend.unload?.(model);
          } finally {
            onChanged();
          }
        },
      };
      const told = quietAtFirst(progress);
      await memory.admit(model, residency, signal);
      try {
        const loaded = await backend.load?.(model, { signal, progress: told.progress });
        memory.loaded(model, loaded?.memoryBytes);
      } catch (error) {
        memory.forget(model);
        throw error;
      } finally {
        told.end();
      }
      onChanged();
    });
  }

  return {
    pull,
    hold,

    ready: (model, found) =>
      found?.installed !== false &&
      (backend.load === undefined || (memory.has(model) && !memory.contended)),

    async makeReady(model, found, interest) {
      await install(model, found, interest);
      if (backend.load === undefined) return hold(model);
      await memory.turn(interest.signal);
      const release = memory.hold(model);
      try {
        // An engine that dies takes what it has just loaded with it.
        while (!memory.has(model)) await load(model, found, interest);
        return release;
      } catch (error) {
        release();
        throw error;
      }
    },

    async remove(model) {
      if (backend.remove === undefined) throw unable("delete", model);
      await memory.evict(model);
      try {
        await backend.remove(model);
      } finally {
        onChanged();
      }
    },
  };
}
