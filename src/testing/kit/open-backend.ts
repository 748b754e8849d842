import type { AnyBackendDefinition, Backend, CallContext, Log } from "../../contract/backend.ts";
import type { AnyCapability, AnyEvent, AnyHandler } from "../../contract/capability.ts";
import { findWrong } from "../../contract/create-backend.ts";
import { createSecrets, type Secrets } from "../../contract/http/secrets.ts";
import { asAuthor } from "./author-code.ts";
import { Failure } from "./check.ts";
import { describeValue } from "./describe-value.ts";
import type { OwnRecordings } from "./recordings.ts";
import { createUpstreams, type Upstreams } from "./upstreams.ts";
import { within } from "./within.ts";

/** How long things may take, in milliseconds. */
export interface KitLimits {
  /** One answer, a list, a probe. */
  readonly answerMs: number;
  /** Starting, and reading a model into memory. */
  readonly startMs: number;
  /** What is to happen at once: an end after an abort. */
  readonly settleMs: number;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Whether the caller sees the answer as it is written; true where left out. */
  readonly stream?: boolean;
  readonly warn?: (message: string) => void;
  /** How long the whole answer may take, in milliseconds, where that is not what any may. */
  readonly limitMs?: number;
}

/** A whole answer. */
export interface Answered {
  /** What a streaming capability's handler gave, in order; empty for any other. */
  readonly events: readonly AnyEvent[];
  /** What a plain capability's handler returned. */
  readonly output: unknown;
  readonly warnings: readonly string[];
}

/** What came of asking: an answer, or what was thrown. */
export type Outcome =
  | { readonly answered: Answered; readonly thrown?: undefined }
  | { readonly answered?: undefined; readonly thrown: { readonly error: unknown } };

/** A backend as the gateway would have it, with everything that can be seen of it. */
export interface OpenedBackend {
  readonly backend: Backend;
  readonly upstreams: Upstreams;
  /** What it wrote to its log. */
  readonly logged: readonly string[];
  /** Learns what is sent and told, and blots it out as the gateway does. */
  readonly secrets: Secrets;
  /** The author's function for a capability, or one of their methods. */
  handlerOf(capability: AnyCapability): AnyHandler;
  /** Starts it and loads the model, once. */
  ready(model?: string): Promise<void>;
  /** Asks, and gives what the handler gave, untouched. */
  begin(capability: AnyCapability, model: string, request: unknown, options?: AskOptions): unknown;
  /** Asks and reads to the end. @throws what the handler throws, {@link Failure} where it does not end */
  ask(
    capability: AnyCapability,
    model: string,
    request: unknown,
    options?: AskOptions,
  ): Promise<Answered>;
  /** The same, told instead of thrown; that it does not end is still thrown. */
  tryToAsk(
    capability: AnyCapability,
    model: string,
    request: unknown,
    options?: AskOptions,
  ): Promise<Outcome>;
  /** Uses one of its methods, whose name `what` begins with, within a limit. */
  call<Value>(
    what: string,
    run: (backend: Backend) => Value | PromiseLike<Value>,
    limitMs?: number,
  ): Promise<Value>;
  /** Shuts it down, once. */
  shutdown(): Promise<void>;
  /** Shuts it down whatever it says, and closes what stands before its servers. */
  close(): Promise<void>;
}

export interface OpenBackendOptions {
  readonly definition: AnyBackendDefinition;
  readonly config: unknown;
  readonly name: string;
  readonly directory: string | undefined;
  readonly limits: KitLimits;
  readonly recordings: OwnRecordings;
}

/** More events than any answer to the kit's requests has: one that never ends. */
const mostEvents = 500_000;

export function openBackend(options: OpenBackendOptions): OpenedBackend {
  const { definition, config, name, directory, limits, recordings } = options;
  const secrets = createSecrets();
  const upstreams = createUpstreams({ secrets, recordings });
  const logged: string[] = [];
  const write = (message: string) => void logged.push(secrets.redact(message));
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const made: unknown = asAuthor(() =>
    definition.create({
      name,
      config,
      directory,
      fetch: upstreams.fetch,
      log,
      unloaded() {},
      secret: (value) => secrets.add(value),
    }),
  );
  const wrong = findWrong(made);
  if (wrong !== undefined) {
    if (made instanceof Promise) made.catch(() => {}); // that it is one is told here
    throw new Failure(wrong.problem, { asked: definition.create });
  }
  const backend = made as Backend;
  let initialised: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  const loaded = new Map<string, Promise<unknown>>();
  const never = new AbortController().signal;

  const handlerOf = ({ name: capability }: AnyCapability) =>
    (backend.capabilities as Record<string, AnyHandler>)[capability]!;

  function call<Value>(
    what: string,
    run: (backend: Backend) => Value | PromiseLike<Value>,
    limitMs = limits.answerMs,
  ) {
    const asked = Reflect.get(backend, what.replace(/\(.*$/, "")) as unknown;
    const given = asAuthor(async () => run(backend));
    return within(given, limitMs, what, asked);
  }

  /** Calls that are read to their end, and whether one was not. */
  let asking = 0;
  let isGivenUp = false;

  const beginOwn: OpenedBackend["begin"] = (capability, model, request, given = {}) => {
    const { signal = never, stream = true, warn = () => {} } = given;
    const context: CallContext = {
      model,
      signal,
      stream,
      fetch: (input, init) =>
        upstreams.fetch(input, { ...init, signal: both(init?.signal, signal) }),
      warn,
      progress() {},
    };
    return asAuthor(() => handlerOf(capability)(request as never, context));
  };

  const begin: OpenedBackend["begin"] = (...values) => {
    isGivenUp = true; // whether it is read to its end is its caller's affair
    return beginOwn(...values);
  };

  const ask: OpenedBackend["ask"] = async (capability, model, request, given = {}) => {
    const warnings: string[] = [];
    const controller = new AbortController();
    const signal = both(given.signal, controller.signal);
    const handler = handlerOf(capability);
    const what = `The ${capability.name} handler`;
    const limitMs = given.limitMs ?? limits.answerMs;
    const warn = (message: string) => {
      warnings.push(message);
      given.warn?.(message);
    };
    try {
      asking += 1;
      const answer = beginOwn(capability, model, request, { ...given, signal, warn });
      if (capability.event === undefined) {
        const output = await within(answer as Promise<unknown>, limitMs, what, handler);
        return { events: [], output, warnings };
      }
      const events = readAll(answer, what, handler);
      return {
        events: await within(events, limitMs, what, handler),
        output: undefined,
        warnings,
      };
    } catch (error) {
      isGivenUp = true;
      controller.abort(error);
      throw error;
    } finally {
      asking -= 1;
      if (asking === 0) {
        recordings.settle({ isGivenUp });
        isGivenUp = false;
      }
    }
  };

  function shutdown(): Promise<void> {
    stopped ??= call("shutdown()", (each) => each.shutdown?.());
    return stopped;
  }

  return {
    backend,
    upstreams,
    logged,
    secrets,
    handlerOf,
    async ready(model) {
      initialised ??= call("initialize()", (each) => each.initialize?.(never), limits.startMs);
      await initialised;
      if (model === undefined || backend.load === undefined) return;
      if (!loaded.has(model))
        loaded.set(
          model,
          call(
            "load()",
            (each) => each.load?.(model, { signal: never, progress() {} }),
            limits.startMs,
          ),
        );
      await loaded.get(model);
    },
    begin,
    ask,
    async tryToAsk(...values) {
      try {
        return { answered: await ask(...values) };
      } catch (error) {
        if (error instanceof Failure) throw error;
        return { thrown: { error } };
      }
    },
    call,
    shutdown,
    async close() {
      await shutdown().catch(() => {}); // a check of its own says what is wrong with it
      await upstreams.close();
    },
  };
}

async function readAll(answer: unknown, what: string, asked: unknown): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  if (typeof (answer as AsyncIterable<AnyEvent>)?.[Symbol.asyncIterator] !== "function")
    throw new Failure(`${what} gave no stream of events: ${describeValue(answer)}.`, { asked });
  const iterator = asAuthor(() => (answer as AsyncIterable<AnyEvent>)[Symbol.asyncIterator]());
  for (;;) {
    const step = await asAuthor(() => iterator.next());
    if (step.done === true) return events;
    events.push(step.value);
    if (events.length > mostEvents)
      throw new Failure(`${what} gave ${mostEvents} events, and no end was in sight.`, { asked });
  }
}

export function both(a: AbortSignal | null | undefined, b: AbortSignal): AbortSignal {
  return a === null || a === undefined || a === b ? b : AbortSignal.any([a, b]);
}
