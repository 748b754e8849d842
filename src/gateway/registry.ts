import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { RunningBackend } from "./running-backend.ts";

/** The backends that run, by name. A call keeps the one it began with, whatever comes and goes. */
export interface Registry {
  readonly all: readonly RunningBackend[];
  /** @throws `model-not-found` with the nearest names */
  get(name: string): RunningBackend;
  /** Takes a backend in; one of the same name ends once its calls have. */
  add(backend: RunningBackend): Promise<void>;
  /** Takes a backend out; it ends once its calls have. */
  remove(name: string): Promise<void>;
}

export function createRegistry(): Registry {
  let backends: ReadonlyMap<string, RunningBackend> = new Map();
  const never = new AbortController().signal;

  return {
    get all() {
      return [...backends.values()];
    },

    get(name) {
      const backend = backends.get(name);
      if (backend !== undefined) return backend;
      const names = [...backends.keys()];
      throw new ModelyardError(
        "model-not-found",
        `No backend is called ${JSON.stringify(name)}.${didYouMean(name, names)} A model is written backend/model.`,
        { backend: name, remedy: `There are: ${names.join(", ")}.` },
      );
    },

    async add(backend) {
      const former = backends.get(backend.name);
      backends = new Map([...backends, [backend.name, backend]]);
      await former?.stop(never);
    },

    async remove(name) {
      const former = backends.get(name);
      backends = new Map([...backends].filter(([each]) => each !== name));
      await former?.stop(never);
    },
  };
}
