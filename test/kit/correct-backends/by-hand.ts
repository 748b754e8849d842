import { z } from "zod";
import {
  textOf,
  warnOfIgnored,
  type AnyBackendDefinition,
  type Backend,
  type BackendSetup,
  type CallContext,
  type ChatEvent,
  type ChatRequest,
  type Model,
} from "../../../src/contract/index.ts";

/** A class of one's own that is a backend, with models that are loaded and a timer that is its own. */
class ByHand implements Backend {
  readonly capabilities = { chat: this.chat.bind(this) };
  readonly #loaded = new Set<string>();
  readonly #log: BackendSetup<unknown>["log"];
  #timer: NodeJS.Timeout | undefined;

  constructor({ log }: BackendSetup<unknown>) {
    this.#log = log;
  }

  async initialize(): Promise<void> {
    this.#timer = setInterval(() => this.#log.debug("Still here."), 10_000);
  }

  async healthCheck(): Promise<{ status: "healthy" }> {
    return { status: "healthy" };
  }

  async listModels(): Promise<Model[]> {
    return ["small", "large"].map((name) => ({ name, loaded: this.#loaded.has(name) }));
  }

  async load(model: string): Promise<{ memoryBytes: number }> {
    this.#loaded.add(model);
    return { memoryBytes: 1_000 };
  }

  async unload(model: string): Promise<void> {
    this.#loaded.delete(model);
  }

  async shutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#loaded.clear();
  }

  async *chat({ messages, ...rest }: ChatRequest, context: CallContext): AsyncGenerator<ChatEvent> {
    warnOfIgnored(rest, context);
    await this.load(context.model);
    const last = messages.at(-1)!;
    if (last.content.some(({ type }) => type === "image")) context.warn("Images are ignored.");
    const text = textOf(last);
    const pieces = text.split(/(?<= )/);
    for (const piece of pieces) {
      context.signal.throwIfAborted();
      yield { type: "text-delta", text: piece };
    }
    const usage = { inputTokens: pieces.length, outputTokens: pieces.length };
    yield { type: "finish", reason: "stop", usage };
  }
}

const definition: AnyBackendDefinition = {
  contract: 1,
  type: "by-hand",
  config: z.strictObject({}),
  sends: "nothing",
  create: (setup) => new ByHand(setup),
};
export default definition;
