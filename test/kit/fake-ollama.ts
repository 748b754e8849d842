import { recording } from "../../src/backends/ollama/__fixtures__/open-ollama.ts";
import {
  chaosUpstream,
  type Answer,
  type ChaosUpstream,
  type SeenRequest,
} from "../../src/testing/index.ts";

interface Asked {
  readonly model?: string;
  readonly input?: readonly string[] | string;
  readonly stream?: boolean;
  readonly prompt?: string;
  readonly messages?: readonly unknown[];
}

const words = "Words of one, two and three bytes: a ä €.".split(/(?<= )/);

/** A server that answers as Ollama does, as far as the kit asks: lists as recorded, answers of its own. */
export function fakeOllama(): Promise<ChaosUpstream> {
  return chaosUpstream({ answer: answerAsOllama });
}

function answerAsOllama({ method, path, body }: SeenRequest): Answer {
  const asked = (body ?? {}) as Asked;
  switch (`${method} ${path.split("?", 1)[0]}`) {
    case "GET /":
      return text("Ollama is running");
    case "GET /api/version":
      return json({ version: "0.12.11" });
    case "GET /api/tags":
      return recorded("tags");
    case "GET /api/ps":
      return json({ models: [] });
    case "POST /api/show":
      return recorded(asked.model?.startsWith("minilm") ? "show-embedding" : "show");
    case "POST /api/embed":
      return embed(asked);
    case "POST /api/chat":
      return say(asked, (content) => ({ message: { role: "assistant", content } }));
    case "POST /api/generate":
      return say(asked, (response) => ({ response }));
    default:
      return json({ error: `no route ${path}` }, 404);
  }
}

function say(asked: Asked, piece: (text: string) => object): Answer {
  const { model = "", prompt = "", messages = [] } = asked;
  const base = { model, created_at: "2026-01-01T00:00:00Z" };
  // Without anything to answer a model is loaded, or freed.
  if (prompt === "" && messages.length === 0)
    return json({ ...base, ...piece(""), done: true, done_reason: "load" });
  const counts = {
    prompt_eval_count: Math.ceil(JSON.stringify(asked.messages ?? prompt).length / 4),
    eval_count: words.length,
  };
  const end = { done: true, done_reason: "stop", ...counts };
  if (asked.stream === false) return json({ ...base, ...piece(words.join("")), ...end });
  const lines = [
    ...words.map((word) => ({ ...base, ...piece(word), done: false })),
    { ...base, ...piece(""), ...end },
  ];
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    parts: inOrder(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`))),
  };
}

function embed({ model = "", input = [] }: Asked): Answer {
  const texts = typeof input === "string" ? [input] : input;
  const embeddings = texts.map((each) => [Math.cos(each.length), Math.sin(each.length), 0, 0]);
  return json({ model, embeddings, prompt_eval_count: texts.join(" ").split(" ").length });
}

function recorded(name: string): Answer {
  const { status, body } = recording(name).response as { status: number; body: unknown };
  return json(typeof body === "string" ? JSON.parse(body) : body, status);
}

function json(body: unknown, status = 200): Answer {
  return { ...text(JSON.stringify(body), status), headers: { "content-type": "application/json" } };
}

function text(body: string, status = 200): Answer {
  const headers = { "content-type": "text/plain" };
  return { status, headers, parts: inOrder([Buffer.from(body)]) };
}

async function* inOrder(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}
