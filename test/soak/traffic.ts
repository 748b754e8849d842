import { modernCall } from "../../src/mcp/__fixtures__/http-requests.ts";

/** What became of a call: `lost` is what must not be. */
export type Fate = "answered" | "failed" | "cancelled" | "lost";

/** One kind of call. `counted`: the server's own counters should know of it. */
interface Kind {
  readonly name: string;
  readonly counted: boolean;
  call(url: string, signal: AbortSignal): Promise<Fate>;
}

const longestMs = 30_000;

async function post(
  url: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
  more: Record<string, string> = {},
): Promise<{ ok: boolean; text: string }> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...more },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
  });
  return { ok: response.ok, text: await response.text() };
}

/** An error must be one, with a code. */
function failed(text: string): Fate {
  const { error } = JSON.parse(text) as { error?: { code?: string } };
  return error?.code === undefined || error.code === "internal" ? "lost" : "failed";
}

const messages = [{ role: "user", content: "one two" }];
const chat = (more: object) => ({ model: "pair", messages, ...more });

async function streamed(url: string, signal: AbortSignal): Promise<Fate> {
  const { ok, text } = await post(url, "/v1/chat/completions", chat({ stream: true }), signal);
  if (!ok) return failed(text);
  const done = text.includes("\ndata: [DONE]");
  const error = text.includes("event: error\n");
  if (done === error) return "lost";
  return done ? "answered" : "failed";
}

async function whole(path: string, body: unknown, url: string, signal: AbortSignal): Promise<Fate> {
  const { ok, text } = await post(url, path, body, signal);
  if (!ok) return failed(text);
  const { choices, data } = JSON.parse(text) as { choices?: unknown[]; data?: unknown[] };
  return (choices ?? data ?? []).length > 0 ? "answered" : "lost";
}

export const kinds: readonly Kind[] = [
  { name: "streamed", counted: true, call: streamed },
  {
    name: "whole",
    counted: true,
    call: (url, signal) => whole("/v1/chat/completions", chat({}), url, signal),
  },
  {
    name: "vectors",
    counted: true,
    call: (url, signal) =>
      whole("/v1/embeddings", { model: "pair", input: ["a", "b"] }, url, signal),
  },
  {
    name: "with a deadline",
    counted: true,
    call: (url, signal) => whole("/v1/chat/completions", chat({ timeoutMs: 300 }), url, signal),
  },
  {
    name: "a tool of MCP",
    counted: true,
    async call(url, signal) {
      const { body, headers } = modernCall("pair");
      const { text } = await post(url, "/mcp", body, signal, headers);
      const json = text.startsWith("{") ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? "{}");
      const { result } = JSON.parse(json) as { result?: { isError?: boolean } };
      if (result === undefined) return "lost";
      return result.isError === true ? "failed" : "answered";
    },
  },
  {
    name: "given up",
    counted: true,
    async call(url, signal) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20 + 200 * Math.random());
      const both = AbortSignal.any([signal, controller.signal]);
      return streamed(url, both).catch((error: unknown) => {
        if (controller.signal.aborted) return "cancelled";
        throw error;
      });
    },
  },
  {
    name: "no JSON",
    counted: false,
    call: (url, signal) => whole("/v1/chat/completions", '{"model": ', url, signal),
  },
  {
    name: "no such model",
    counted: true,
    call: (url, signal) =>
      whole("/v1/chat/completions", { model: "nobody", messages }, url, signal),
  },
];
