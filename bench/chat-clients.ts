import type { Modelyard } from "../src/index.ts";
import { chatModel } from "./model-folder.ts";

export interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface ChatOrder {
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  readonly signal?: AbortSignal;
  /** Hears every piece of text. */
  onText?(): void;
}

/** How an answer came, in milliseconds since it was asked for and in tokens by the usage that it states. */
export interface Timing {
  readonly text: string;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Those that were computed: what was found in a cache is not among them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type Chat = (order: ChatOrder) => Promise<Timing>;

/** Through the library, as a program calls it: the engine is behind its process wall. */
export function chatWithModelyard(modelyard: Modelyard): Chat {
  return async ({ messages, maxTokens, signal, onText }) => {
    const watch = startWatch(onText);
    const request = { messages: [...messages], maxTokens, temperature: 0 };
    const answer = modelyard.chat(request, { model: chatModel, signal });
    for await (const event of answer) if (event.type === "text-delta") watch.heard(event.text);
    const { usage } = await answer;
    const inputTokens = (usage.inputTokens ?? 0) - (usage.cachedInputTokens ?? 0);
    return watch.stop({ inputTokens, outputTokens: usage.outputTokens ?? 0 });
  };
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** llama.cpp's own server. It keeps no prompt, so that each is computed; and it goes on to the number of tokens that is asked for. */
export function chatWithServer(url: string): Chat {
  return async ({ messages, maxTokens, signal, onText }) => {
    const watch = startWatch(onText);
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      // It closes a connection after every stream.
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify({
        messages,
        max_tokens: maxTokens,
        temperature: 0,
        ignore_eos: true,
        cache_prompt: false,
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal: signal ?? null,
    });
    if (!response.ok || response.body === null) throw new Error(await response.text());
    let usage: Chunk["usage"];
    for await (const chunk of readChunks(response.body)) {
      usage = chunk.usage ?? usage;
      const text = chunk.choices?.[0]?.delta?.content ?? "";
      if (text !== "") watch.heard(text);
    }
    return watch.stop({
      inputTokens: usage?.prompt_tokens ?? 0,
      outputTokens: usage?.completion_tokens ?? 0,
    });
  };
}

async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Chunk> {
  let rest = "";
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + part).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      // A bare colon is a comment, which says that it is still alive.
      const data = event.startsWith("data: ") ? event.slice("data: ".length) : "[DONE]";
      if (data !== "[DONE]") yield JSON.parse(data) as Chunk;
    }
  }
}

function startWatch(onText: (() => void) | undefined) {
  const startedAt = performance.now();
  let text = "";
  let firstMs: number | undefined;
  let lastMs = 0;
  return {
    heard(piece: string): void {
      text += piece;
      lastMs = performance.now() - startedAt;
      firstMs ??= lastMs;
      onText?.();
    },
    stop(tokens: Pick<Timing, "inputTokens" | "outputTokens">): Timing {
      return { text, firstMs: firstMs ?? Number.NaN, lastMs, ...tokens };
    },
  };
}
