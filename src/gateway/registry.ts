import { ModelyardError } from "../contract/errors.ts";
import type { AnyBackendDefinition } from "../contract/backend.ts";
import { describeMissingBackend } from "./describe-missing-backend.ts";
import type { RunningBackend } from "./running-backend.ts";

/** The backends that run, by name. A call keeps the one it began with, whatever comes and goes. */
export interface Registry {
  readonly all: readonly RunningBackend[];
  /** Another number whenever backends come and go, or say that their models do. */
  readonly version: number;
  /** What a backend lists has changed. */
  listsChanged(): void;
  has(name: string): boolean;
  /** @throws `model-not-found` with the nearest names */
  get(name: string): RunningBackend;
  /** Takes a backend in at once; settles when a former one of the same name has ended, as its calls have. */
  add(backend: RunningBackend): Promise<void>;
  /** Takes a backend out at once; settles when it has ended, as its calls have. */
  remove(name: string): Promise<void>;
  /** These alone run from now on, in this order; settles when those that left have ended, as their calls have. */
  become(next: readonly RunningBackend[]): Promise<void>;
  /** Stops all, those too that were taken out and still end their calls. */
  stop(signal: AbortSignal): Promise<void>;
}

/** `kinds` are those of backends that could be configured. */
export function createRegistry(kinds: readonly AnyBackendDefinition[]): Registry {
  let backends: ReadonlyMap<string, RunningBackend> = new Map();
  let all: readonly RunningBackend[] = [];
  let version = 0;
  const ending = new Set<RunningBackend>();

  async function end(former: RunningBackend): Promise<void> {
    ending.add(former);
    await former.stop(new AbortController().signal);
    ending.delete(former);
  }

  async function become(next: readonly RunningBackend[]): Promise<void> {
    const staying = new Set(next);
    const left = all.filter((each) => !staying.has(each));
    backends = new Map(next.map((each) => [each.name, each]));
    all = [...backends.values()];
    version++;
    await Promise.all(left.map(end));
  }

  function get(name: string): RunningBackend {
    const backend = backends.get(name);
    if (backend !== undefined) return backend;
    const { message, remedy } = describeMissingBackend(name, [...backends.keys()], kinds);
    throw new ModelyardError("model-not-found", message, {
      backend: name,
      remedy,
    });
  }

  return {
    get all() {
      return all;
    },
    get version() {
      return version;
    },
    listsChanged: () => void version++,
    has: (name) => backends.has(name),
    get,
    become,
    add: (backend) => become([...new Map([...backends, [backend.name, backend]]).values()]),

    async remove(name) {
      const former = get(name);
      await become(all.filter((each) => each !== former));
    },

    async stop(signal) {
      await Promise.all([...all, ...ending].map((backend) => backend.stop(signal)));
    },
  };
}
