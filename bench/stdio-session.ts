import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** An MCP server on standard input and output, talked to in bare JSON so that no client's work is counted. */
export interface StdioSession {
  readonly pid: number;
  /** From the start of the process until `initialize` was answered. */
  readonly initializedMs: number;
  ask(method: string, params?: object): Promise<unknown>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const greeting = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "bench", version: "1.0.0" },
};

/** Starts `node <words>` and greets it. */
export async function startSession(words: readonly string[]): Promise<StdioSession> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "ignore"] });
  const closed = once(child, "close");
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;

  createInterface(child.stdout).on("line", (line) => {
    const { id = 0, result, error } = JSON.parse(line) as Answer;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  });
  void closed.then(() => {
    for (const each of waiting.values()) each.reject(new Error(`node ${words.join(" ")} ended.`));
  });

  function send(message: object): void {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  function ask(method: string, params: object = {}): Promise<unknown> {
    const id = nextId++;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    send({ id, method, params });
    return answer.promise;
  }

  await ask("initialize", greeting);
  const initializedMs = performance.now() - startedAt;
  send({ method: "notifications/initialized" });
  return {
    pid: child.pid ?? 0,
    initializedMs,
    ask,
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}
