import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { debianPackage } from "../../test/peers/debian-package.ts";
import { startServer } from "./server-process.ts";

/** An nginx that gives one answer to every chat: whole under one address, streamed under the other, whatever is asked for. */
export interface FixedUpstream extends AsyncDisposable {
  /** Base URLs, `/v1` included. */
  readonly whole: string;
  readonly streamed: string;
}

/** The text of the answer. */
export const fixedText = Array.from({ length: 16 }, (_, index) => `word${index} `).join("");

const model = "fixed";
const usage = { prompt_tokens: 20, completion_tokens: 16, total_tokens: 36 };
const head = { id: "chatcmpl-1", created: 1, model };

const whole = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [
    { index: 0, message: { role: "assistant", content: fixedText }, finish_reason: "stop" },
  ],
  usage,
});

const chunk = (choices: object[], rest = {}) =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...rest })}\n\n`;
const streamed = [
  ...fixedText
    .match(/\S+ /g)!
    .map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
  chunk([{ index: 0, delta: {}, finish_reason: "stop" }]),
  chunk([], { usage }),
  "data: [DONE]\n\n",
].join("");

const models = JSON.stringify({ object: "list", data: [{ id: model, object: "model" }] });

export async function startFixedUpstream(): Promise<FixedUpstream> {
  await debianPackage("nginx-light");
  const folder = await mkdtemp(path.join(tmpdir(), "modelyard-nginx-"));
  const file = path.join(folder, "nginx.conf");
  const server = await startServer({
    program: "sh",
    words: (port) => ["-c", writeAndRun, "sh", file, configuration(folder, port)],
  });
  return {
    whole: `${server.url}/whole/v1`,
    streamed: `${server.url}/streamed/v1`,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answer(place: string, type: string, text: string): string {
  return `location = ${place} { default_type ${type}; return 200 '${text}'; }`;
}

/** The port is known only when the server starts. */
const writeAndRun = 'printf "%s" "$2" > "$1"; exec nginx -e stderr -c "$1"';

function configuration(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
    daemon off;
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log stderr error;
    events { worker_connections 4096; }
    http {
      access_log off;
      keepalive_requests 1000000000;
      ${temporary.join("\n")}
      server {
        listen 127.0.0.1:${port} backlog=1024;
        ${answer("/ready", "application/json", "{}")}
        ${answer("/whole/v1/models", "application/json", models)}
        ${answer("/whole/v1/chat/completions", "application/json", whole)}
        ${answer("/streamed/v1/models", "application/json", models)}
        ${answer("/streamed/v1/chat/completions", "text/event-stream", streamed)}
      }
    }`;
}
