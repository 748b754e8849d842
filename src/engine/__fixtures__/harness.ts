import type { Backend, CallContext, LoadContext } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import type { Progress } from "../../contract/progress.ts";
import { isolate, type IsolateOptions } from "../isolate.ts";
import definition from "./engine.ts";

/** The fixture's backend behind the wall, and what was heard of it. */
export interface Isolated {
  readonly backend: Backend;
  readonly heard: { lost: number; warnings: string[]; progress: Progress[]; log: string[] };
  context(signal?: AbortSignal): CallContext;
  interest(signal?: AbortSignal): LoadContext;
  chat(text: string, signal?: AbortSignal): AsyncIterableIterator<ChatEvent>;
  embed(input: string[], signal?: AbortSignal): Promise<number[][]>;
  pid(): Promise<number>;
  notes(): Promise<{ produced: number; abortReason: string; generatorEnded: boolean }>;
}

export function isolated(
  options: Partial<IsolateOptions> & { config?: Record<string, unknown> } = {},
): Isolated {
  const heard: Isolated["heard"] = { lost: 0, warnings: [], progress: [], log: [] };
  const add = (line: string) => void heard.log.push(line);
  const backend = isolate(
    definition,
    {
      name: "fixture",
      config: options.config ?? {},
      fetch,
      log: { debug: add, info: add, warn: add, error: add },
      unloaded: () => heard.lost++,
      secret() {},
    },
    { stopMs: 1_000, ...options },
  );
  const progress = (event: Progress) => void heard.progress.push(event);
  const never = new AbortController().signal;
  const context = (signal = never): CallContext => ({
    model: "m",
    signal,
    stream: true,
    fetch,
    warn: (message) => void heard.warnings.push(message),
    progress,
  });
  const embedding = async (input: string[], signal?: AbortSignal) => {
    const handler = backend.capabilities.embedding;
    if (handler === undefined) throw new Error("no embedding");
    return handler({ input }, context(signal));
  };
  return {
    backend,
    heard,
    context,
    interest: (signal = never) => ({ signal, progress }),
    chat(text, signal) {
      const handler = backend.capabilities.chat;
      if (handler === undefined) throw new Error("no chat");
      const request = { messages: [{ role: "user" as const, content: text }] };
      return handler(request as never, context(signal)) as AsyncIterableIterator<ChatEvent>;
    },
    embed: async (input, signal) => (await embedding(input, signal)).embeddings,
    pid: async () => (await embedding(["pid"])).embeddings[0]?.[0] ?? 0,
    notes: async () => (await embedding(["notes"])).usage.raw as never,
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // Nobody has this number.
    return false;
  }
}

/** Waits until it holds; false where it does not in time. */
export async function eventually(holds: () => boolean, limitMs = 3_000): Promise<boolean> {
  for (const untilMs = Date.now() + limitMs; Date.now() < untilMs;) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return holds();
}
