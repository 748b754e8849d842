import fs from "node:fs";
import path from "node:path";
import {
  startRecordedServer,
  type RecordedAnswers,
} from "../../../../test/peers/recorded-server.ts";
import type { RecordedResponse } from "../../../../test/peers/recorded-response.ts";
import type { Backend, CallContext, Capability } from "../../../contract/backend.ts";
import { createGuardedFetch } from "../../../contract/http/guarded-fetch.ts";
import type { Progress } from "../../../contract/progress.ts";
import ollama from "../index.ts";

/** A recorded answer of a real Ollama, with the request that it was given to. */
export interface Recording {
  readonly shows: string;
  readonly request: { method: string; path: string; body?: Record<string, unknown> };
  readonly response: RecordedResponse;
}

export function recording(name: string): Recording {
  const file = path.join(import.meta.dirname, `${name}.json`);
  return JSON.parse(fs.readFileSync(file, "utf8")) as Recording;
}

/** The names of all recordings. */
export const recordings = fs
  .readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

/** The backend in front of a server that gives these answers; `config` as one would write it. */
export async function openOllama(answers: RecordedAnswers, config: object = {}) {
  const server = await startRecordedServer(answers);
  const { fetch, close } = createGuardedFetch();
  const unloaded: (string | undefined)[] = [];
  const backend: Backend = ollama.create({
    name: "ollama",
    config: ollama.config.parse({ baseUrl: server.url, ...config }),
    fetch,
    log: silentLog,
    unloaded: (model) => void unloaded.push(model),
    secret() {},
  });
  const warnings: string[] = [];
  const context = (model: string): CallContext => ({
    model,
    signal: new AbortController().signal,
    stream: true,
    fetch,
    warn: (message) => void warnings.push(message),
    progress() {},
  });

  /** What a capability answers: all its events, or what it returns. */
  async function call(capability: Capability, request: object, model = "smollm2:135m") {
    const handler = backend.capabilities[capability] as (
      request: object,
      context: CallContext,
    ) => AsyncIterable<object> | Promise<object>;
    const answered = handler(request, context(model));
    if ("then" in answered) return answered;
    const events: object[] = [];
    for await (const event of answered) events.push(event);
    return events;
  }

  /** A pull's progress and result. */
  async function pull(model: string, sha256?: string) {
    const { signal } = new AbortController();
    const steps = backend.pull!(model, { signal, sha256 })[Symbol.asyncIterator]();
    const progress: Extract<Progress, { phase: "pull" }>[] = [];
    for (;;) {
      const { done, value } = await steps.next();
      if (done === true) return { progress, result: value };
      progress.push(value);
    }
  }

  return {
    backend,
    requests: server.requests,
    unloaded,
    warnings,
    call,
    pull,
    [Symbol.asyncDispose]: async () => {
      await close();
      await server.stop();
    },
  };
}

/** What a server answers so that a model is known: its list, its description, and that nothing is loaded. */
export const knowingChat = {
  "POST /api/show": recording("show"),
  "GET /api/ps": recording("ps"),
};
