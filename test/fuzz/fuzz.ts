import fs from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import echo from "../../src/backends/echo.ts";
import openAiCompatible from "../../src/backends/openai-compatible/index.ts";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import { isModelyardError } from "../../src/contract/errors.ts";
import { parseConfiguration } from "../../src/gateway/parse-configuration.ts";
import { parseText } from "../../src/gateway/parse-text.ts";
import { initialize, modernCall, openSession } from "../../src/mcp/__fixtures__/http-requests.ts";
import { folderWith, startModelyard, type Run } from "../cli/run-modelyard.ts";
import { createChance, mutate, noise } from "./mutate.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly lastsMs: number;
}

export interface FuzzReport {
  /** How many inputs were tried. */
  tried: number;
  /** Inputs that were answered as they must not be, and how. */
  readonly problems: string[];
}

const backends = {
  echo: { type: "echo", maxConcurrent: 4, retry: { attempts: 2 } },
  server: { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1", profile: "vllm" },
};
const settings = {
  backends,
  models: [
    { name: "pair", strategy: "weighted", targets: [{ model: "echo/a", weight: 2 }, "server/b"] },
  ],
  defaults: { chat: "pair" },
  privacy: { allow: "network" },
  memory: { budget: "8GB" },
  server: { port: 0, keys: [], cors: ["http://localhost:3000"] },
};
const served = { backends: { echo: { type: "echo" } }, defaults: { chat: "echo/a" } };

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "one two" }] },
];
const bodies: readonly [path: string, body: object][] = [
  ["/v1/chat/completions", { model: "echo/a", messages, stream: true, max_tokens: 5, stop: ["x"] }],
  ["/v1/chat/completions", { model: "echo/a", messages, temperature: 0.5, seed: 3, n: 1 }],
  ["/v1/completions", { model: "echo/a", prompt: "one", stream: false, timeoutMs: 1_000 }],
  ["/v1/embeddings", { model: "echo/a", input: ["one", "two"], encoding_format: "base64" }],
  ["/v1/classify", { model: "echo/a", input: "one", labels: ["a", "b"] }],
  ["/mcp", JSON.parse(modernCall("echo/a").body) as object],
];

/** A configuration is taken or refused with `invalid-config`, whatever it is. */
export async function fuzzConfiguration({ seed, lastsMs }: FuzzOptions): Promise<FuzzReport> {
  const chance = createChance(seed);
  const report: FuzzReport = { tried: 0, problems: [] };
  const text = JSON.stringify(settings);
  const capabilities = builtInCapabilities;
  const endsAt = performance.now() + lastsMs;
  while (performance.now() < endsAt) {
    const written = mutate(text, chance);
    report.tried += 1;
    try {
      const definitions = [echo, openAiCompatible];
      parseConfiguration(parseText(written, "fuzz.json"), { definitions, capabilities });
    } catch (error) {
      const isClear = isModelyardError(error) && error.code === "invalid-config";
      if (!isClear) report.problems.push(`${String(error)}: ${shown(written)}`);
    }
    if (report.tried % 100 === 0) await sleep(0);
  }
  return report;
}

/** Requests that are nearly right, and bytes that are none: no `internal` error, and the server answers on. */
export async function fuzzHttp({ seed, lastsMs }: FuzzOptions): Promise<FuzzReport> {
  const chance = createChance(seed);
  const report: FuzzReport = { tried: 0, problems: [] };
  const { run, stop } = open(["serve", "--port", "0"]);
  try {
    await run.saw("/mcp\n");
    const url = /(http:\S+)\/mcp/.exec(run.written.stdout)![1]!;
    const session = await openSession(`${url}/mcp`);
    const endsAt = performance.now() + lastsMs;
    const work = async () => {
      while (performance.now() < endsAt) {
        report.tried += 1;
        if (chance() < 0.2) await sendBytes(url, chance);
        else await sendRequest({ url, session, chance, report });
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    const health = await fetch(`${url}/health`);
    if (!health.ok) report.problems.push(`/health answers ${health.status}`);
    const [path, body] = bodies[1]!;
    const { status } = await post(url + path, JSON.stringify(body));
    if (status !== 200) report.problems.push(`a good call is answered with ${status}`);
    if (run.child.exitCode !== null) report.problems.push("the server has ended");
  } finally {
    await stop();
  }
  return report;
}

async function sendRequest(options: {
  url: string;
  session: Record<string, string>;
  chance: () => number;
  report: FuzzReport;
}): Promise<void> {
  const { url, session, chance, report } = options;
  const [path, body] = bodies[Math.floor(chance() * bodies.length)]!;
  const written = mutate(JSON.stringify(body), chance);
  const more = path !== "/mcp" ? {} : chance() < 0.5 ? session : modernCall("echo/a").headers;
  try {
    const { status, text } = await post(url + path, written, more);
    // What a model can't do is an error of its own; a fault of ours is none of these.
    if (status === 500 || /"internal"|-32603/.test(text))
      report.problems.push(`${path} ${status} ${shown(text)}: ${shown(written)}`);
  } catch (error) {
    report.problems.push(`${path} ${String(error)}: ${shown(written)}`);
  }
}

async function post(
  url: string,
  body: string,
  more: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...more },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}

/** Noise, or a request whose very HTTP is changed; what comes back is of no interest. */
async function sendBytes(url: string, chance: () => number): Promise<void> {
  const { hostname, port } = new URL(url);
  const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"messages":"hello"}`;
  const bytes = chance() < 0.5 ? noise(chance) : Buffer.from(mutate(request, chance));
  await new Promise<void>((resolve) => {
    const socket = net.connect(Number(port), hostname);
    socket.on("error", () => {}); // a close that is not polite is one
    socket.on("close", () => resolve());
    socket.on("data", () => socket.end());
    socket.write(bytes);
    setTimeout(() => socket.destroy(), 100);
  });
}

/** Lines that are nearly right, and noise: a good request is answered afterwards. */
export async function fuzzStdio({ seed, lastsMs }: FuzzOptions): Promise<FuzzReport> {
  const chance = createChance(seed);
  const report: FuzzReport = { tried: 0, problems: [] };
  const { run, stop } = open(["mcp"]);
  try {
    const say = (line: string | Buffer) => void run.child.stdin!.write(line);
    say(`${JSON.stringify(initialize)}\n`);
    await run.saw("serverInfo");
    const lines = [
      JSON.stringify(initialize),
      modernCall("echo/a").body,
      JSON.stringify({ jsonrpc: "2.0", id: 5, method: "tools/list", params: {} }),
      JSON.stringify({
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: 5 },
      }),
    ];
    const endsAt = performance.now() + lastsMs;
    while (performance.now() < endsAt && run.child.exitCode === null) {
      report.tried += 1;
      if (chance() < 0.1) say(Buffer.concat([noise(chance), Buffer.from("\n")]));
      else say(`${mutate(lines[Math.floor(chance() * lines.length)]!, chance)}\n`);
      if (report.tried % 20 === 0) await sleep(5);
    }
    // An id that no mutation hits upon.
    say(`\n${JSON.stringify({ jsonrpc: "2.0", id: "good-one", method: "ping" })}\n`);
    await Promise.race([run.saw('"good-one"'), sleep(15_000)]);
    if (!run.written.stdout.includes('"good-one"'))
      report.problems.push("a good request is not answered any more");
  } finally {
    await stop();
  }
  return report;
}

function open(words: string[]): { run: Run; stop(): Promise<void> } {
  const directory = folderWith(served);
  const run = startModelyard(words, { directory, inputStaysOpen: true });
  return {
    run,
    async stop() {
      run.child.kill("SIGTERM");
      run.child.kill("SIGTERM");
      await run.ended;
      fs.rmSync(directory, { recursive: true });
    },
  };
}

function shown(text: string): string {
  return text.length > 400 ? `${text.slice(0, 200)} … ${text.slice(-200)}` : text;
}
