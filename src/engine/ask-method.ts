import type { Backend, CallContext, Model, PullContext } from "../contract/backend.ts";
import type { PullStep, ToChild } from "./messages.ts";

/** What `listModels` gives over the wall, with what may be asked once it has listed. */
export interface Listing {
  readonly models: Model[];
  readonly takesAnyModel: boolean;
}

/** Asks a backend's own method for what a message wants; where it has none, there is nothing to do. */
export function askMethod(
  backend: Backend,
  { method, model, sha256 }: Extract<ToChild, { type: "method" }>,
  context: CallContext,
): Promise<unknown> | AsyncIterable<unknown> {
  const { signal } = context;
  switch (method) {
    case "initialize":
    case "healthCheck":
      return call(() => backend[method]?.(signal));
    case "listModels":
      return call(async (): Promise<Listing> => {
        // What it gives is looked at on the other side.
        const models = backend.listModels === undefined ? [] : await backend.listModels(signal);
        return { models, takesAnyModel: backend.takesAnyModel?.() === true };
      });
    case "pull":
      return pull(backend, model, { signal, sha256 });
    case "load":
      return call(() => backend.load?.(model, context));
    case "remove":
    case "unload":
      return call(() => backend[method]?.(model));
  }
}

/** A method that is not asynchronous, or throws at once, is one like any other here. */
async function call(work: () => unknown): Promise<unknown> {
  return work();
}

/** What a generator returns is no event: it comes as the last. */
async function* pull(
  backend: Backend,
  model: string,
  context: PullContext,
): AsyncGenerator<PullStep, void> {
  const steps = backend.pull?.(model, context)[Symbol.asyncIterator]();
  if (steps === undefined) return;
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done === true) return yield { returned: value ?? undefined };
      yield { progress: value };
    }
  } finally {
    await steps.return?.();
  }
}
