import type { z } from "zod";
import { chat, type ChatEvent, type ChatInput } from "../../../contract/capabilities/chat.ts";
import {
  classification,
  type ClassificationInput,
} from "../../../contract/capabilities/classification.ts";
import { embedding, type EmbeddingInput } from "../../../contract/capabilities/embedding.ts";
import { createGuardedFetch } from "../../../contract/http/guarded-fetch.ts";
import { config } from "../config.ts";
import aiSdk from "../index.ts";

interface Asked {
  readonly model?: string;
  readonly signal?: AbortSignal;
  /** Stands for the guarded one. */
  readonly fetch?: typeof fetch;
}

/** The backend as a gateway would make it, and its handlers ready to be asked; what it warned of and told as secret is kept. */
export function createAiSdk(settings: z.input<typeof config>, directory?: string) {
  const guarded = createGuardedFetch();
  const warnings: string[] = [];
  const secrets: string[] = [];
  const backend = aiSdk.create({
    name: "cloud",
    config: config.parse(settings),
    directory,
    fetch: guarded.fetch,
    log: console,
    unloaded() {},
    secret: (value) => void secrets.push(value),
  });
  const context = ({
    model = "some-model",
    signal = new AbortController().signal,
    fetch = guarded.fetch,
  }: Asked) => ({
    model,
    signal,
    stream: true,
    fetch,
    warn: (message: string) => void warnings.push(message),
    progress() {},
  });
  const { capabilities } = backend;
  return {
    backend,
    warnings,
    secrets,
    stream: (input: ChatInput, asked: Asked = {}) =>
      capabilities.chat!(chat.request.parse(input), context(asked)),
    async chat(input: ChatInput, asked: Asked = {}) {
      const events: ChatEvent[] = [];
      for await (const event of this.stream(input, asked)) events.push(event);
      return events;
    },
    embed: (input: EmbeddingInput, asked: Asked = {}) =>
      capabilities.embedding!(embedding.request.parse(input), context(asked)),
    classify: (input: ClassificationInput, asked: Asked = {}) =>
      capabilities.classification!(classification.request.parse(input), context(asked)),
    [Symbol.asyncDispose]: () => guarded.close(),
  };
}
