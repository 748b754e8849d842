/**
 * A backend from nothing, in front of your eyes: written, registered in a gateway that runs, asked, failed, well again, and taken out.
 * `npm run demo:backend`. Nothing is fetched; what it writes lies in a folder of its own, which is deleted.
 */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chaosUpstream, faults } from "../src/testing/index.ts";

const command = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const source = fileURLToPath(new URL("backends/two-capabilities.ts", import.meta.url));
const key = "only-for-this-demo";
const { stdout } = process;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-demo-"));
let server: ChildProcess | undefined;
try {
  await using upstream = await chaosUpstream({
    text: "I am a small server, and this is what I say.",
    models: ["small"],
  });
  tell(`A model server runs at ${upstream.url}. Modelyard has never heard of it.`);

  tell("\n1. A backend for it: one file.\n");
  const file = path.join(folder, "acme.ts");
  const lines = fs.readFileSync(source, "utf8").trimEnd().split("\n");
  for (const line of lines) {
    stdout.write(`   ${line}\n`);
    fs.appendFileSync(file, `${line}\n`);
    await pause(stdout.isTTY ? 40 : 0);
  }
  tell(
    `\n   That was acme.ts, ${lines.length} lines. Completion and classification are not in it.`,
  );

  tell("\n2. A gateway starts: modelyard serve --plugin ./acme.ts");
  const url = await startGateway();
  tell(`   It listens at ${url}, and has no backend of this kind yet.`);

  tell("\n3. It is registered while the gateway runs: POST /api/backends/acme");
  await ask(url, "POST", "/api/backends/acme", { type: "acme", baseUrl: upstream.url });
  const targets = ["acme/small", "echo/spare"];
  await ask(url, "POST", "/api/models/assistant", { targets, timeouts: { totalMs: 10_000 } });
  tell(`   The name assistant stands for ${targets.join(", and for ")} where that fails.`);
  tell(`   Health: ${await health(url)}`);

  tell("\n4. What it can do: two things as they are written, two that are derived.");
  const chat = { model: "acme/small", messages: [{ role: "user", content: "Who are you?" }] };
  tell(`   chat:      ${(await ask(url, "POST", "/v1/chat/completions", chat)).said}`);
  const complete = { model: "acme/small", prompt: "Once upon a time" };
  tell(`   complete:  ${(await ask(url, "POST", "/v1/completions", complete)).said}`);
  const embed = { model: "acme/small", input: "The cat sits on the mat." };
  tell(`   embed:     ${(await ask(url, "POST", "/v1/embeddings", embed)).said}`);
  const classify = { model: "acme/small", input: "Late and broken.", labels: ["praise", "blame"] };
  tell(`   classify:  ${(await ask(url, "POST", "/v1/classify", classify)).said}`);

  tell("\n5. Its server fails: every answer is 503 from now on.");
  upstream.use(() => faults["503 without Retry-After"]);
  const alone = await ask(url, "POST", "/v1/chat/completions", chat);
  tell(`   acme/small, alone: ${alone.said}`);
  const handed = await ask(url, "POST", "/v1/chat/completions", { ...chat, model: "assistant" });
  tell(`   assistant: "${handed.said}"`);
  tell(`   That was ${handed.backend}, which says back what it is told: the call was handed on.`);
  tell("   Now it is gone altogether.");
  await upstream.refuse();
  tell(`   Health: ${await health(url)}`);

  tell("\n6. Its server is back.");
  await upstream.accept();
  upstream.use([]);
  tell(`   Health: ${await wellAgain(url)}. The gateway found that out by itself.`);
  const again = await ask(url, "POST", "/v1/chat/completions", { ...chat, model: "assistant" });
  tell(`   assistant: "${again.said}" (${again.backend})`);

  tell("\n7. It is taken out: DELETE /api/backends/acme");
  await ask(url, "DELETE", "/api/models/assistant");
  await ask(url, "DELETE", "/api/backends/acme");
  tell(`   Asked once more: ${(await ask(url, "POST", "/v1/chat/completions", chat)).said}`);
  tell("\nThat is all. `modelyard backend new acme` writes one for you to begin from.");
} finally {
  server?.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}

function tell(text: string): void {
  stdout.write(`${text}\n`);
}

/** Starts `modelyard serve` on a free port, with administration for the one key that there is. */
async function startGateway(): Promise<string> {
  const configuration = {
    backends: {
      echo: { type: "echo" },
      "llama-cpp": { type: "llama-cpp", enabled: false },
      huggingface: { type: "huggingface", enabled: false },
    },
    server: { admin: true, keys: [{ name: "demo", key, admin: true }] },
  };
  fs.writeFileSync(path.join(folder, "modelyard.json"), JSON.stringify(configuration));
  const words = ["serve", "--port", "0", "--plugin", "./acme.ts", "--log-level", "error"];
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  server = child;
  let said = "";
  for await (const text of child.stdout.setEncoding("utf8")) {
    said += String(text);
    const [, url] = /(http:\S+)\/mcp/.exec(said) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`modelyard serve ended: ${said}`);
}

interface Asked {
  /** What a person wants to know of the answer. */
  readonly said: string;
  /** Which backend gave it. */
  readonly backend: string | null;
}

interface Body {
  readonly error?: { readonly message: string; readonly code: string };
  readonly choices?: readonly { text?: string; message?: { content: string } }[];
  readonly data?: readonly { embedding: readonly number[] | string }[];
  readonly labels?: readonly { label: string; score: number }[];
}

async function ask(url: string, method: string, route: string, body?: object): Promise<Asked> {
  const response = await send(url, method, route, body);
  const text = await response.text();
  const answer = (text === "" ? {} : JSON.parse(text)) as Body;
  return { said: toWords(answer), backend: response.headers.get("x-modelyard-backend") };
}

function send(url: string, method: string, route: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return fetch(
    url + route,
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) },
  );
}

function toWords({ error, choices, data, labels }: Body): string {
  if (error !== undefined) return `${error.code}. ${error.message}`;
  if (labels !== undefined)
    return labels.map(({ label, score }) => `${label} ${score.toFixed(2)}`).join(", ");
  const vector = data?.[0]?.embedding;
  if (vector !== undefined) return `a vector of ${vector.length} numbers`;
  return (choices?.[0]?.message?.content ?? choices?.[0]?.text ?? "").trim();
}

interface Entry {
  readonly name: string;
  readonly health: string;
  readonly reason?: string;
}

/** Asks the backend now. */
async function health(url: string): Promise<string> {
  const response = await send(url, "GET", "/api/backends?health=true");
  const { backends } = (await response.json()) as { backends: readonly Entry[] };
  const { health: status, reason } = backends.find(({ name }) => name === "acme")!;
  return reason === undefined ? status : `${status}. ${reason}`;
}

/** Waits until the gateway has found out by itself, which takes two seconds at the most. */
async function wellAgain(url: string): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const entry = (await (await send(url, "GET", "/api/backends/acme")).json()) as Entry;
    if (entry.health === "healthy") return entry.health;
    await pause(200);
  }
  throw new Error("The backend did not become healthy again.");
}
