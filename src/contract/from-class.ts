import type {
  Backend,
  BackendDefinition,
  BackendSetup,
  CallContext,
  Capability,
  Handlers,
  Health,
  Model,
} from "./backend.ts";
import { defineBackend } from "./backend.ts";
import type { ChatRequest } from "./capabilities/chat.ts";
import type { ClassificationRequest } from "./capabilities/classification.ts";
import type { CompletionEvent, CompletionRequest } from "./capabilities/completion.ts";
import type { EmbeddingRequest } from "./capabilities/embedding.ts";
import { ModelyardError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import {
  readLabels,
  readText,
  readVectors,
  type ClassLabels,
  type ClassText,
  type ClassVectors,
} from "./read-class-answer.ts";
import type { OutputOf, Schema } from "./schema.ts";

type Given<Value> = Value | Promise<Value>;

/** The methods that {@link fromClass} calls, those of them that are there, and what they may give. */
export interface BackendClass {
  /** Opens connections, before the first call. */
  initialize?(signal: AbortSignal): Given<void>;
  /** Nothing, `true` or `"healthy"` where all is well; a throw or `false` counts as unhealthy. It must cost nothing upstream. */
  healthCheck?(signal: AbortSignal): Given<Health | Health["status"] | boolean | void>;
  /**
   * Which of its methods' capabilities this one has, as it is configured; all of them where left out. Asked once, when it is made, so it
   * answers at once, without a promise: what differs from model to model, `listModels` says.
   */
  getCapabilities?(): readonly Capability[];
  /** Names, or names with what is known of them. Left out: any model name is passed on. */
  listModels?(signal: AbortSignal): Given<readonly (string | Model)[]>;
  /** The answer, the whole of it or as a generator of pieces. A generator that yields events ends with its own `finish`. */
  generateChat?(request: ChatRequest, context: CallContext): Given<ClassText>;
  generateCompletion?(request: CompletionRequest, context: CallContext): Given<ClassText>;
  /** One vector a text, each of length 1: `unitVector` makes them so. */
  generateEmbedding?(request: EmbeddingRequest, context: CallContext): Given<ClassVectors>;
  classify?(request: ClassificationRequest, context: CallContext): Given<ClassLabels>;
  shutdown?(): Given<void>;
}

/** What a definition says beside what it makes. */
export type FromClassOptions<Config extends Schema<unknown, unknown>> = Omit<
  BackendDefinition<Config>,
  "contract" | "create"
>;

/** Which method stands for which capability. */
const methodNames = {
  chat: "generateChat",
  completion: "generateCompletion",
  embedding: "generateEmbedding",
  classification: "classify",
} as const satisfies Partial<Record<Capability, keyof BackendClass>>;

type Named = keyof typeof methodNames;

const allNames = [
  "initialize",
  "healthCheck",
  "getCapabilities",
  "listModels",
  "shutdown",
  ...Object.values(methodNames),
];

/**
 * A backend from a class: `export default fromClass({ type: "acme", config: z.object({}) }, AcmeBackend)`. It is made by
 * `new AcmeBackend(config, setup)`, which touches nothing yet; its methods are called as {@link BackendClass} names them. What it can do
 * is what it has methods for. All else is as with `defineBackend`.
 */
export function fromClass<const Config extends Schema<unknown, unknown>>(
  options: FromClassOptions<Config>,
  Class: new (config: OutputOf<Config>, setup: BackendSetup<OutputOf<Config>>) => BackendClass,
): BackendDefinition<Config> {
  return defineBackend<Config>({
    capabilities: capabilitiesOf(Class.prototype as BackendClass),
    ...options,
    create: (setup) => adapt(new Class(setup.config, setup), setup, Class.name || options.type),
  });
}

function adapt(instance: BackendClass, setup: BackendSetup<unknown>, name: string): Backend {
  tellOfSlips(instance, setup, name);
  const backend: Backend = { capabilities: chosenHandlers(instance, name) };
  if (instance.initialize)
    backend.initialize = async (signal) => void (await instance.initialize!(signal));
  if (instance.healthCheck)
    backend.healthCheck = async (signal) => readHealth(await instance.healthCheck!(signal), name);
  if (instance.listModels)
    backend.listModels = async (signal) => readModels(await instance.listModels!(signal), name);
  if (instance.shutdown) backend.shutdown = async () => void (await instance.shutdown!());
  return backend;
}

function chosenHandlers(instance: BackendClass, name: string): Handlers {
  const all = handlersOf(instance, name);
  const had = capabilitiesOf(instance);
  const chosen: readonly unknown[] = instance.getCapabilities?.() ?? had;
  if (!Array.isArray(chosen))
    throw unusable(
      `${name}.getCapabilities gave no list.`,
      'Return a list of names such as ["chat"], at once: without async.',
    );
  const unknown = chosen.find((each) => !had.includes(each));
  if (unknown !== undefined)
    throw unusable(
      `${name}.getCapabilities names ${JSON.stringify(unknown)}, and there is no method for it.`,
      `What it has methods for: ${had.join(", ") || "nothing"}.`,
    );
  if (chosen.length === 0)
    throw unusable(
      `${name} can do nothing: it has no method that generates.`,
      `Write one of ${Object.values(methodNames).join(", ")}.`,
    );
  return Object.fromEntries(
    Object.entries(all).filter(([capability]) => chosen.includes(capability)),
  );
}

function handlersOf(instance: BackendClass, name: string): Required<Pick<Handlers, Named>> {
  return {
    chat: (request, context) =>
      readText(() => instance.generateChat!(request, context), `${name}.generateChat`),
    completion: (request, context) =>
      readText(
        () => instance.generateCompletion!(request, context),
        `${name}.generateCompletion`,
      ) as AsyncIterable<CompletionEvent>,
    embedding: async (request, context) =>
      readVectors(
        await instance.generateEmbedding!(request, context),
        request.input.length,
        `${name}.generateEmbedding`,
      ),
    classification: async (request, context) =>
      readLabels(await instance.classify!(request, context), `${name}.classify`),
  };
}

function capabilitiesOf(instance: BackendClass): Named[] {
  return (Object.keys(methodNames) as Named[]).filter(
    (capability) => typeof instance[methodNames[capability]] === "function",
  );
}

function readHealth(
  given: Awaited<ReturnType<NonNullable<BackendClass["healthCheck"]>>>,
  name: string,
): Health {
  if (given === undefined || given === true) return { status: "healthy" };
  if (given === false) return { status: "unhealthy", reason: `${name}.healthCheck gave false.` };
  return typeof given === "string" ? { status: given } : given;
}

function readModels(given: readonly (string | Model)[], name: string): Model[] {
  if (!Array.isArray(given))
    throw new ModelyardError("invalid-response", `${name}.listModels gave no list.`, {
      remedy: "Return a list of names, or of { name, … }.",
    });
  return given.map((each: string | Model) => (typeof each === "string" ? { name: each } : each));
}

/** A method that is called nothing like ours is the class's own affair; one that is nearly so was meant for us. */
function tellOfSlips(instance: BackendClass, { log }: BackendSetup<unknown>, name: string): void {
  for (let at: object | null = instance; at !== null && at !== Object.prototype;) {
    for (const method of Object.getOwnPropertyNames(at)) {
      if (!/^(generate|classify|health|list|getCap|init|shut)/i.test(method)) continue;
      const [meant] = allNames.includes(method) ? [] : nearest(method, allNames);
      if (meant !== undefined && !(meant in instance))
        log.warn(`${name}.${method} is never called: is ${meant} meant?`);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
}

function unusable(message: string, remedy: string): ModelyardError {
  return new ModelyardError("backend-unavailable", message, { remedy });
}
