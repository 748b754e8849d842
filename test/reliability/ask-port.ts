import openAiCompatible from "../../src/backends/openai-compatible/index.ts";
import { createTestGateway } from "../../src/gateway/__fixtures__/test-gateway.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import type { Fault } from "../../src/testing/exchange.ts";

/** A call as it stands in the table: which alias, and whether it is streamed. */
export const situations = ["always alone", "once alone", "always with another"] as const;
export type Situation = (typeof situations)[number];

export interface Port extends AsyncDisposable {
  /** A good answer of the first upstream: from then on a connection to it is a reused one. */
  warmUp(): Promise<void>;
  /** What a caller of `/v1/chat/completions` sees, in a few words. */
  ask(situation: Situation, stream: boolean): Promise<string>;
}

export interface PortOptions {
  readonly fault: Fault;
  /** A good upstream: the other target. */
  readonly second: ChaosUpstream;
  /** Short for faults that only a limit ends, long for all others. */
  readonly hangs: boolean;
}

const modelOf = (situation: Situation, stream: boolean) =>
  `${situation.replaceAll(" ", "-")}-${stream ? "streamed" : "whole"}`;

/** The real port, with the usual settings of retry and circuit breaker, before an upstream with a fault and a good one. Each situation has a target of its own. */
export async function openPort({ fault, second, hangs }: PortOptions): Promise<Port> {
  const seen = new Set<unknown>();
  const first = await chaosUpstream({
    script(_, { body }) {
      const { model } = (body ?? {}) as { model?: string };
      if (model === undefined || model === "warm-up") return undefined;
      if (model.startsWith("once") && seen.has(model)) return undefined;
      seen.add(model);
      return fault;
    },
  });
  const kinds = situations.flatMap((situation) =>
    [true, false].map((stream) => ({ situation, name: modelOf(situation, stream) })),
  );
  const backend = { type: "openai-compatible", profile: "plain" };
  const timeouts = hangs
    ? { firstTokenMs: 1_500, idleMs: 1_500, totalMs: 5_000 }
    : { firstTokenMs: 20_000, idleMs: 20_000 };
  const gateway = createTestGateway([openAiCompatible], {
    backends: {
      first: {
        ...backend,
        baseUrl: `${first.url}/v1`,
        models: [...kinds.map(({ name }) => name), "warm-up"],
        timeouts,
      },
      second: { ...backend, baseUrl: `${second.url}/v1`, models: ["chaos"] },
    },
    models: kinds.map(({ situation, name }) => ({
      name,
      targets: [`first/${name}`, ...(situation === "always with another" ? ["second/chaos"] : [])],
    })),
  });
  const mcpHandler = { handle() {}, async close() {} };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  // The headers wait for the first event, however long it takes: they tell who answered.
  const keepAliveMs = 60_000;
  const server = await createHttpServer({ gateway, mcpHandler, log, port: 0, keepAliveMs });
  const ask = (model: string, stream: boolean) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "one two" }] }),
    });

  return {
    async warmUp() {
      await (await ask("first/warm-up", false)).text();
    },
    async ask(situation, stream) {
      return outcomeOf(await ask(modelOf(situation, stream), stream), second.text);
    },
    async [Symbol.asyncDispose]() {
      await server.close({ drainMs: 0 });
      await gateway.close({ drainMs: 0 });
      await first.close();
    },
  };
}

interface Body {
  choices?: {
    delta?: { content?: string | null };
    message?: { content: string };
    finish_reason?: string | null;
  }[];
  error?: { code: string };
}

async function outcomeOf(response: Response, whole: string): Promise<string> {
  const text = await response.text();
  const stream = (response.headers.get("content-type") ?? "").includes("event-stream");
  const lines = stream ? [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data) : [text];
  const bodies = lines.filter((each) => each !== "[DONE]").map((each) => JSON.parse(each) as Body);
  const choices = bodies.flatMap((each) => each.choices ?? []);
  const said = choices.map(({ delta, message }) => (delta ?? message)?.content ?? "").join("");
  const code = bodies.find(({ error }) => error !== undefined)?.error?.code;
  if (code !== undefined) {
    if (lines.includes("[DONE]")) return "an error, and [DONE] after it";
    return `${said === "" ? "" : "text, then "}\`${code}\``;
  }
  if (stream && !lines.includes("[DONE]")) return "an end without [DONE]";
  const reason = choices.findLast(({ finish_reason: each }) => each)?.finish_reason;
  if (said !== whole)
    return whole.startsWith(said) && reason !== "stop" ? `part, \`${reason}\`` : "other text";
  const backend = response.headers.get("x-modelyard-backend");
  const tries = Number(response.headers.get("x-modelyard-attempts"));
  if (backend === "second") return "whole, from the other";
  return tries > 1 ? "whole, tried again" : "whole";
}
