import { readFileSync } from "node:fs";
import { chat, type ChatInput, type ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { Backend, CallContext } from "../../../contract/backend.ts";
import { createGuardedFetch } from "../../../contract/http/guarded-fetch.ts";
import { isModelyardError, type ModelyardError } from "../../../contract/errors.ts";
import type { RecordedAnswer } from "../../../../test/peers/recorded-server.ts";
import { config } from "../config.ts";
import definition from "../index.ts";

/** A backend for this server, with a fetch of its own, and what it warned of. */
export function tryBackend(options: Record<string, unknown>): {
  backend: Backend;
  warnings: string[];
  context: CallContext;
} {
  const { fetch } = createGuardedFetch();
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const warnings: string[] = [];
  const backend = definition.create({
    name: "server",
    config: config.parse(options),
    fetch,
    log: quiet,
    unloaded() {},
    secret() {},
  });
  const context: CallContext = {
    model: "m",
    signal: new AbortController().signal,
    stream: true,
    fetch,
    warn: (message) => void warnings.push(message),
    progress() {},
  };
  return { backend, warnings, context };
}

/** What a chat gives: its events, and its error where it ends with one. */
export async function tryChat(
  { backend, context }: { backend: Backend; context: CallContext },
  input: ChatInput,
): Promise<{ events: ChatEvent[]; error?: ModelyardError }> {
  const events: ChatEvent[] = [];
  try {
    const request = chat.request.parse(input);
    for await (const event of backend.capabilities.chat!(request, context)) events.push(event);
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    return { events, error };
  }
  return { events };
}

/** A recorded answer: `llama-server/chat`. */
export function recorded(name: string): Extract<RecordedAnswer, { response: unknown }> {
  const file = new URL(`${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}
