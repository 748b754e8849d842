/**
 * An API that nobody has seen before, for trying the examples: `node examples/backends/servers/acme-server.ts 8080`.
 * It says back what it is told. `/chat` and `/talk` stream events, `/lines` JSON lines; `/generate` answers in one piece, `/vectors` makes
 * vectors. `/jobs` begins a job, which is asked for at `/jobs/<id>` until it is done, and stopped by a DELETE.
 */
import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Asked {
  model?: string;
  input?: string;
  messages?: { role: string; content: string }[];
  talk?: { role: string; content: string }[];
  texts?: string[];
  limit?: number;
}

/** Starts it on 127.0.0.1; port 0 is any free one. */
export async function startAcme(port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const jobs = createJobs();
  const server = createServer(async (request, response) => {
    try {
      const route = `${request.method} ${request.url}`;
      if (route === "GET /health") return answer(response, 200, { well: true });
      if (route === "GET /models")
        return answer(response, 200, { models: [{ id: "small" }, { id: "large" }] });
      const job = /^\/jobs\/([\w-]+)(?:\?from=(\d+))?$/.exec(request.url ?? "");
      if (job !== null) return jobs.serve(request.method, job[1]!, Number(job[2] ?? 0), response);
      if (request.method !== "POST") return answer(response, 404, refusal("E_ROUTE", route));
      const asked = (await json(request)) as Asked;
      if (asked.model === "nobody")
        return answer(response, 422, refusal("E_NO_SUCH_MODEL", "There is no model nobody."));
      if (route === "POST /generate") return generate(response, asked);
      if (route === "POST /chat") return chat(response, asked);
      if (route === "POST /jobs") return answer(response, 200, { job: jobs.begin(asked) });
      if (route === "POST /lines") return lines(response, asked);
      if (route === "POST /talk") return talk(response, asked);
      if (route === "POST /vectors") return answer(response, 200, vectors(asked));
      answer(response, 404, refusal("E_ROUTE", route));
    } catch {
      // No JSON, or who asked has gone.
      if (response.headersSent) response.destroy();
      else answer(response, 400, refusal("E_BODY", "The body is no JSON."));
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const refusal = (fault: string, why: string) => ({ fault, why });

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const wordsOf = (text: string) => text.split(/(?<=\s)/);

function generate(response: ServerResponse, { input = "", limit = Infinity }: Asked): void {
  const words = wordsOf(input);
  const said = words.slice(0, limit);
  const tokens = { in: words.length, out: said.length };
  answer(response, 200, { output: said.join(""), truncated: said.length < words.length, tokens });
}

function chat(response: ServerResponse, { messages = [] }: Asked): void {
  const send = stream(response);
  for (const text of wordsOf(messages.at(-1)?.content ?? "")) send({ text });
  send({ done: true });
  response.end();
}

function lines(response: ServerResponse, { messages = [], limit = Infinity }: Asked): void {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const send = (line: object) => void response.write(`${JSON.stringify(line)}\n`);
  const words = wordsOf(messages.at(-1)?.content ?? "");
  for (const text of words.slice(0, limit)) send({ text });
  send({ done: words.length > limit ? "limit" : "end" });
  response.end();
}

function talk(response: ServerResponse, { talk: said = [] }: Asked): void {
  const send = stream(response);
  const words = wordsOf(said.map(({ content }) => content).join(" "));
  for (const text of words) send({ kind: "token", text });
  send({ kind: "end", tokens: words.length });
  response.end();
}

/** Jobs that go on until they are done and asked for, or stopped: a quarter of the answer each time. */
function createJobs() {
  const jobs = new Map<string, { asked: number; words: string[] }>();
  return {
    begin({ input = "", limit = Infinity }: Asked): string {
      const id = randomUUID();
      jobs.set(id, { asked: wordsOf(input).length, words: wordsOf(input).slice(0, limit) });
      return id;
    },
    serve(method: string | undefined, id: string, from: number, response: ServerResponse): void {
      const job = jobs.get(id);
      if (job === undefined)
        return answer(response, 404, refusal("E_JOB", `There is no job ${id}.`));
      const { asked, words } = job;
      const next = Math.min(words.length, from + Math.ceil(words.length / 4));
      const done = next === words.length;
      if (done || method === "DELETE") jobs.delete(id);
      const tokens = { in: asked, out: next };
      const text = words.slice(from, next).join("");
      answer(response, 200, { text, next, state: done ? "done" : "working", tokens });
    },
  };
}

function stream(response: ServerResponse): (event: object) => void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  return (event) => void response.write(`data: ${JSON.stringify(event)}\n\n`);
}

/** How often each letter from a to h is in a text. */
function vectors({ texts = [] }: Asked): object {
  return {
    vectors: texts.map((text) =>
      [..."abcdefgh"].map((letter) => text.toLowerCase().split(letter).length),
    ),
  };
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startAcme(Number(process.argv[2] ?? 8080));
  process.stdout.write(`It listens at ${url}\n`);
}
