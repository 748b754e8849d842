import type { Capability } from "../contract/backend.ts";
import type {
  BackendEntry,
  CallOptions,
  Gateway,
  GatewayEvents,
  InputOf,
  ModelEntry,
  PulledModel,
} from "../gateway/api.ts";
import type { DeferredGateway } from "../gateway/deferred-gateway.ts";
import { createAnswer, type AnswerOf } from "./answer.ts";
import { checkOptions } from "./check-options.ts";

/** Models, called from a program. Nothing is opened until the first call; close it when you are done, or declare it with `await using`. */
export interface Modelyard extends AsyncDisposable {
  chat(request: InputOf<"chat">, options?: CallOptions): AnswerOf<"chat">;
  complete(request: InputOf<"completion">, options?: CallOptions): AnswerOf<"completion">;
  embed(request: InputOf<"embedding">, options?: CallOptions): AnswerOf<"embedding">;
  classify(request: InputOf<"classification">, options?: CallOptions): AnswerOf<"classification">;
  rerank(request: InputOf<"rerank">, options?: CallOptions): AnswerOf<"rerank">;
  /** Any capability by its name, those of plugins too. */
  call<Name extends Capability>(
    capability: Name,
    request: InputOf<Name>,
    options?: CallOptions,
  ): AnswerOf<Name>;
  models(options?: Parameters<Gateway["models"]>[0]): Promise<ModelEntry[]>;
  backends(options?: Parameters<Gateway["backends"]>[0]): Promise<BackendEntry[]>;
  /** Fetches a model's weights: a name, `hf:owner/repo/file.gguf`, a URL, or a path. */
  pull(model: string, options?: Parameters<Gateway["pull"]>[1]): Promise<PulledModel>;
  /** Frees a model's memory once its calls have ended. */
  unload(model: string): Promise<void>;
  /** Calls `listener` whenever it happens; gives a function that ends this. */
  on<Name extends keyof GatewayEvents>(
    name: Name,
    listener: (...values: GatewayEvents[Name]) => void,
  ): () => void;
  /** Waits for the calls under way, at most `drainMs`, and stops every backend. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** The library over a gateway; it is opened at the first need. */
export function createModelyardOver(gateway: DeferredGateway): Modelyard {
  function call<Name extends Capability>(
    capability: Name,
    request: InputOf<Name>,
    options: CallOptions = {},
  ): AnswerOf<Name> {
    checkOptions(request, options);
    // The gateway checks the request and gives what the capability says; the types follow from the name.
    return createAnswer({ gateway, capability, request, options }) as unknown as AnswerOf<Name>;
  }

  const { models, backends, pull, unload, on, close } = gateway;
  return {
    chat: (request, options) => call("chat", request, options),
    complete: (request, options) => call("completion", request, options),
    embed: (request, options) => call("embedding", request, options),
    classify: (request, options) => call("classification", request, options),
    rerank: (request, options) => call("rerank", request, options),
    call,
    models,
    backends,
    pull,
    unload,
    on,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
