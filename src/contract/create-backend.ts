import type { AnyBackendDefinition, Backend, BackendSetup } from "./backend.ts";
import type { AnyCapability } from "./capability.ts";
import { describeKind } from "./describe-kind.ts";
import { describeThrow } from "./describe-throw.ts";
import { isModelyardError, ModelyardError } from "./errors.ts";
import { backendMethods } from "./find-misshapen.ts";
import { misspelt } from "./misspelt.ts";

/**
 * The backend that a definition makes; its author's types do not hold at run time. `capabilities`: all that there are, where a handler
 * of none of them is to be refused.
 * @throws ModelyardError `backend-unavailable` where that is none, and whatever `create` throws of this class
 */
export function createBackend(
  definition: AnyBackendDefinition,
  setup: BackendSetup<unknown>,
  capabilities: readonly AnyCapability[] = [],
): Backend {
  const made = create(definition, setup);
  const names = capabilities.map(({ name }) => name);
  const wrong = findWrong(made, names);
  if (wrong === undefined) {
    tellOfSlips(made as Backend, setup);
    return made as Backend;
  }
  // Nobody waits for it: what becomes of it is of no interest beside what is told here.
  if (made instanceof Promise) made.catch(() => {});
  throw cannotBeMade(setup.name, wrong);
}

function create(definition: AnyBackendDefinition, setup: BackendSetup<unknown>): unknown {
  try {
    return definition.create(setup);
  } catch (error) {
    if (isModelyardError(error)) throw error;
    const remedy = "Mend `create`, or throw a ModelyardError there that says what to do.";
    throw cannotBeMade(setup.name, { problem: describeThrow("create", error), remedy }, error);
  }
}

/** A field that is called nothing like ours is the author's own affair; one that is nearly so was meant for us. */
function tellOfSlips(made: Backend, { name, log }: BackendSetup<unknown>): void {
  for (const field of Object.keys(made)) {
    if (field === "capabilities") continue;
    const meant = misspelt(field, backendMethods);
    if (meant !== undefined && !(meant in made))
      log.warn(`${name}: its \`${field}\` is never called: is \`${meant}\` meant?`);
  }
}

/** The error of a backend that its definition makes impossible. */
export function cannotBeMade(
  backend: string,
  { problem, remedy }: { problem: string; remedy: string },
  cause?: unknown,
): ModelyardError {
  const message = `The backend ${JSON.stringify(backend)} can't be made. ${problem}`;
  return new ModelyardError("backend-unavailable", message, { backend, remedy, cause });
}

const give = "Let `create` return { capabilities: { … } }, with a handler for each.";

/** What is wrong with what `create` gave, and what to do about it; undefined where it is a backend. `names`: of all capabilities. */
export function findWrong(
  made: unknown,
  names: readonly string[] = [],
): { problem: string; remedy: string } | undefined {
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
    const meant = misspelt(name, names);
    if (meant !== undefined && !(meant in capabilities)) {
      const problem = `It has a handler of ${JSON.stringify(name)}, which is no capability.`;
      return { problem, remedy: `Did you mean ${JSON.stringify(meant)}?` };
    }
    if (handler === undefined || typeof handler === "function") continue;
    return {
      problem: `Its handler of ${name} is ${describeKind(handler)}.`,
      remedy: "Give a function there: `async *chat(request, context) { … }`.",
    };
  }
  return undefined;
}
