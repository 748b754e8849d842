import type { Backend, CallContext, Log } from "../../../../contract/backend.ts";
import { config } from "../../config.ts";
import { createPython } from "../../create-python.ts";

/** A backend over a Python child, and what it tells. */
export interface PythonBackend {
  readonly backend: Backend;
  readonly lines: string[];
  /** The models that left memory by themselves; undefined stands for all. */
  readonly lost: (string | undefined)[];
}

export function createPythonBackend(settings: object): PythonBackend {
  const lines: string[] = [];
  const lost: (string | undefined)[] = [];
  const add = (line: string) => void lines.push(line);
  const log: Log = { debug: add, info: add, warn: add, error: add };
  const backend = createPython({
    name: "huggingface",
    config: config.parse({ runtime: "python", threads: 1, ...settings }),
    fetch,
    log,
    unloaded: (model?: string) => void lost.push(model),
  } as Parameters<typeof createPython>[0]);
  return { backend, lines, lost };
}

const silent = () => undefined;

/** What a handler is given, for a caller who only wants the answer. */
export function contextOf(model: string, more: Partial<CallContext> = {}): CallContext {
  const { signal } = new AbortController();
  return { model, signal, stream: true, fetch, warn: silent, progress: silent, ...more };
}

/** A conversation of one turn. */
export function say(text: string) {
  return { messages: [{ role: "user" as const, content: [{ type: "text" as const, text }] }] };
}

export async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}
