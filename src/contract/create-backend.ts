import type { AnyBackendDefinition, Backend, BackendSetup } from "./backend.ts";
import { describeKind } from "./describe-kind.ts";
import { ModelyardError } from "./errors.ts";

/**
 * The backend that a definition makes; its author's types do not hold at run time.
 * @throws ModelyardError `backend-unavailable` where that is none, and whatever `create` throws
 */
export function createBackend(
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
): Backend {
  const made: unknown = definition.create(setup);
  const wrong = findWrong(made);
  if (wrong === undefined) return made as Backend;
  // Nobody waits for it: what becomes of it is of no interest beside what is told here.
  if (made instanceof Promise) made.catch(() => {});
  throw cannotBeMade(setup.name, wrong);
}

/** The error of a backend that its definition makes impossible. */
export function cannotBeMade(
  backend: string,
  { problem, remedy }: { problem: string; remedy: string },
): ModelyardError {
  const message = `The backend ${JSON.stringify(backend)} can't be made. ${problem}`;
  return new ModelyardError("backend-unavailable", message, { backend, remedy });
}

const give = "Let `create` return { capabilities: { … } }, with a handler for each.";

/** What is wrong with what `create` gave, and what to do about it; undefined where it is a backend. */
export function findWrong(made: unknown): { problem: string; remedy: string } | undefined {
  if (made instanceof Promise)
    return {
      problem: "Its `create` gave a promise.",
      remedy:
        "Take `async` from `create`, which gives the backend at once, and put what waits into `initialize`.",
    };
  if (typeof made !== "object" || made === null)
    return { problem: `Its \`create\` gave ${describeKind(made)}.`, remedy: give };
  const { capabilities } = made as { capabilities?: unknown };
  if (typeof capabilities !== "object" || capabilities === null || Array.isArray(capabilities)) {
    const problem =
      capabilities === undefined
        ? "What its `create` gave has no `capabilities`."
        : `Its \`capabilities\` are ${describeKind(capabilities)}.`;
    return { problem, remedy: give };
  }
  for (const [name, handler] of Object.entries(capabilities)) {
    if (handler === undefined || typeof handler === "function") continue;
    return {
      problem: `Its handler of ${name} is ${describeKind(handler)}.`,
      remedy: "Give a function there: `async *chat(request, context) { … }`.",
    };
  }
  return undefined;
}
