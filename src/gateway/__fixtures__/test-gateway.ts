import { z } from "zod";
import echo from "../../backends/echo.ts";
import {
  defineBackend,
  type AnyBackendDefinition,
  type Backend,
  type Model,
} from "../../contract/backend.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { builtInCapabilities } from "../../contract/capabilities.ts";
import type { ConfigurationInput } from "../configuration.ts";
import { createGateway, type ManagedGateway } from "../gateway.ts";
import { parseConfiguration } from "../parse-configuration.ts";

export interface TestGateway extends ManagedGateway {
  /** Takes this configuration, as a person writes it. */
  configure(configuration: ConfigurationInput): Promise<void>;
  /** What was logged, a line each. */
  readonly lines: string[];
  /** The states that backends went through: `ollama ready`. */
  readonly states: string[];
}

/** A gateway over these backends, each under its name (a function may also throw), or over these definitions. */
export function createTestGateway(
  backends: Record<string, Backend | (() => Backend)> | readonly AnyBackendDefinition[],
  configuration: ConfigurationInput = {},
  defaults: Record<string, AnyBackendDefinition["defaults"]> = {},
  more: readonly AnyCapability[] = [],
): TestGateway {
  const definitions = isList(backends)
    ? backends
    : Object.entries(backends).map(([name, backend]) =>
        defineTestBackend(name, backend, defaults[name]),
      );
  const capabilities = [...builtInCapabilities, ...more];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const parse = (written: ConfigurationInput) =>
    parseConfiguration(written, { definitions, capabilities });
  const gateway = createGateway({
    configuration: parse(configuration),
    definitions,
    capabilities,
    log: { debug: write, info: write, warn: write, error: write },
  });
  const states: string[] = [];
  gateway.on("state", ({ backend, state }) => states.push(`${backend} ${state}`));
  const configure = (written: ConfigurationInput) => gateway.reconfigure(parse(written));
  return { ...gateway, configure, lines, states };
}

function isList(
  backends: Record<string, unknown> | readonly AnyBackendDefinition[],
): backends is readonly AnyBackendDefinition[] {
  return Array.isArray(backends);
}

/** A built-in kind of backend that needs no configuration. */
export function defineTestBackend(
  type: string,
  backend: Backend | (() => Backend),
  defaults: AnyBackendDefinition["defaults"] = {},
): AnyBackendDefinition {
  return defineBackend({
    type,
    builtIn: true,
    config: z.strictObject({}),
    defaults,
    takesReference: (reference) => (type === "llama-cpp") === reference.endsWith(".gguf"),
    create: () => (typeof backend === "function" ? backend() : backend),
  });
}

/** A chat handler that says one word. */
export function saying(text: string): NonNullable<Backend["capabilities"]["chat"]> {
  return async function* (): AsyncGenerator<ChatEvent> {
    yield { type: "text-delta", text };
    yield { type: "finish", reason: "stop", usage: {} };
  };
}

/** A promise that the test settles. */
export function createGate(): { promise: Promise<void>; open(): void; fail(error: Error): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {}); // who waits hears of it
  return { promise, open: resolve, fail: reject };
}

/** Lets everything that is ready to run do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Says back what it is told. */
export function echoing(): Backend {
  return echo.create({ name: "echo", config: {}, fetch, log: console, unloaded() {}, secret() {} });
}

/** A chat handler that says "a", then waits for the test before it says "b". */
export function pausing(gate: {
  promise: Promise<void>;
}): NonNullable<Backend["capabilities"]["chat"]> {
  return async function* (): AsyncGenerator<ChatEvent> {
    yield { type: "text-delta", text: "a" };
    await gate.promise;
    yield { type: "text-delta", text: "b" };
    yield { type: "finish", reason: "stop", usage: {} };
  };
}

export async function textOf(events: AsyncIterable<{ type: string }>): Promise<string> {
  let text = "";
  for await (const event of events) if ("text" in event) text += String(event.text);
  return text;
}

/** A backend with weights: what is fetched, loaded and unloaded is written down. */
export function createEngine(models: Model[], { loading = Promise.resolve() } = {}) {
  const story: string[] = [];
  const state = { lose: () => {}, failures: 0 };
  const backend: Backend = {
    capabilities: { chat: saying("hi") },
    listModels: async () => models.map((model) => ({ ...model })),
    async *pull(model) {
      story.push(`pull ${model}`);
      yield { phase: "pull", model, doneBytes: 5, totalBytes: 10 };
      await loading;
      const found = models.find(({ name }) => model.endsWith(name))!;
      found.installed = true;
      return { name: found.name, sizeBytes: 10, sha256: "ab" };
    },
    async remove(model) {
      story.push(`remove ${model}`);
    },
    async load(model, { signal, progress }) {
      story.push(`load ${model}`);
      progress({ phase: "load", model, fraction: 0.5 });
      await Promise.race([
        loading,
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      ]);
      if (state.failures-- > 0) throw new Error("out of memory");
      return {};
    },
    async unload(model) {
      story.push(`unload ${model}`);
    },
  };
  return { backend, story, state };
}
