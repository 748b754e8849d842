import { modernCall, openSession } from "../../src/mcp/__fixtures__/http-requests.ts";
import type { Run } from "../cli/run-modelyard.ts";
import { nowMs, type Attempt, type Begin, type Given } from "./moments.ts";

/** A call that is sent by `fetch`, whose connection is closed when it is given up. */
function send(url: string, init: RequestInit): () => void {
  const controller = new AbortController();
  fetch(url, { ...init, signal: controller.signal })
    .then((response) => response.text())
    .catch(() => {}); // it ends as it may: what counts is what happens upstream
  return () => controller.abort();
}

const openAiRequest = ({ model, prompt, stream }: Given, more: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...more },
  body: JSON.stringify({ model, stream, messages: [{ role: "user", content: prompt }] }),
});

/** Long enough to get anywhere first. */
const deadlineMs = 3_000;
const progress = (stream: boolean) => (stream ? { progressToken: 7 } : {});

/** The ways out of a call to a server at this address. */
export function httpWays(url: string): Record<string, Begin> {
  return {
    "/v1, its connection closed": (given) => ({
      cancel: send(`${url}/v1/chat/completions`, openAiRequest(given)),
    }),
    "/v1, its deadline": (given) => {
      const limit = { "x-modelyard-timeout-ms": String(deadlineMs) };
      send(`${url}/v1/chat/completions`, openAiRequest(given, limit));
      return { cancel: { atMs: nowMs() + deadlineMs } };
    },
    "MCP of 2026 over HTTP, its connection closed": ({ model, prompt, stream }) => ({
      cancel: send(`${url}/mcp`, {
        method: "POST",
        ...modernCall(model, prompt, progress(stream)),
      }),
    }),
    "MCP of 2025 over HTTP, its notification": async ({ model, prompt, stream }) => {
      const session = await openSession(`${url}/mcp`);
      const post = (message: object) =>
        send(`${url}/mcp`, { method: "POST", headers: session, body: JSON.stringify(message) });
      post(legacyCall(2, { model, prompt, stream }));
      return { cancel: () => void post(cancelled(2)) };
    },
    "MCP of 2025 over HTTP, its deadline": async ({ model, prompt, stream }) => {
      const session = await openSession(`${url}/mcp`);
      const body = JSON.stringify(legacyCall(2, { model, prompt, stream }, deadlineMs));
      send(`${url}/mcp`, { method: "POST", headers: session, body });
      return { cancel: { atMs: nowMs() + deadlineMs } };
    },
  };
}

function legacyCall(id: number, { model, prompt, stream }: Given, timeoutMs?: number): object {
  return {
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: {
      name: "chat",
      arguments: { prompt, model, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      ...(stream ? { _meta: progress(stream) } : {}),
    },
  };
}

const cancelled = (requestId: number) => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId, reason: "The test has seen enough." },
});

/** The ways out of a call to a program that speaks MCP on its standard input and output. */
export function stdioWays({ child }: Run): Record<string, Begin> {
  let calls = 1;
  const say = (message: object) => void child.stdin!.write(`${JSON.stringify(message)}\n`);
  return {
    "MCP of 2025 on stdio, its notification": (given) => {
      const id = ++calls;
      say(legacyCall(id, given));
      return { cancel: () => say(cancelled(id)) };
    },
    "MCP of 2025 on stdio, its deadline": (given) => {
      say(legacyCall(++calls, given, deadlineMs));
      return { cancel: { atMs: nowMs() + deadlineMs } };
    },
  };
}

/** The way out of a call of the 2026 era on standard input and output. */
export function modernStdioWays({ child }: Run): Record<string, Begin> {
  let calls = 100;
  return {
    "MCP of 2026 on stdio, its notification": ({ model, prompt, stream }): Attempt => {
      const id = ++calls;
      const { body } = modernCall(model, prompt, progress(stream));
      child.stdin!.write(`${JSON.stringify({ ...(JSON.parse(body) as object), id })}\n`);
      return { cancel: () => void child.stdin!.write(`${JSON.stringify(cancelled(id))}\n`) };
    },
  };
}
