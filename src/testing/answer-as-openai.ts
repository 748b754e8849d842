import type { JsonSchema } from "../contract/schema.ts";
import { errorBody, inOrder, jsonAnswer, type Answer } from "./answer.ts";
import type { SeenRequest } from "./exchange.ts";
import { smallest } from "./kit/sample-request.ts";
import { promptOf } from "./prompt-of.ts";

export interface OpenAiOptions {
  /** What every chat and completion says. */
  readonly text: string;
  /** The names that it lists; it answers to any. */
  readonly models: readonly string[];
}

/** What a request says that matters here. */
interface Asked {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly input?: unknown;
  readonly encoding_format?: string;
  readonly query?: string;
  readonly documents?: readonly string[];
  readonly top_n?: number;
  readonly dimensions?: number;
  readonly response_format?: { readonly json_schema?: { readonly schema?: JsonSchema } };
}

/** The kind of answer: the two differ in where the text lies. */
interface Kind {
  readonly object: string;
  readonly chunk: string;
  message(text: string): object;
  delta(text: string): object;
}

const chat: Kind = {
  object: "chat.completion",
  chunk: "chat.completion.chunk",
  message: (content) => ({ message: { role: "assistant", content } }),
  delta: (content) => ({ delta: content === "" ? {} : { content } }),
};

const completion: Kind = {
  object: "text_completion",
  chunk: "text_completion",
  message: (text) => ({ text }),
  delta: (text) => ({ text }),
};

/** The answer of a server that speaks OpenAI's API. A token is a word, so that usage can be counted by anybody. */
export function answerAsOpenAi(request: SeenRequest, { text, models }: OpenAiOptions): Answer {
  const asked = (request.body ?? {}) as Asked;
  const path = request.path.split("?", 1)[0]!;
  const route = `${request.method} ${path}`;
  if (route === "GET /v1/models")
    return jsonAnswer({
      object: "list",
      data: models.map((id) => ({ id, object: "model", created: 0, owned_by: "chaos" })),
    });
  if (request.method === "POST" && request.body === undefined)
    return jsonAnswer(errorBody("The body is no JSON.", "invalid_request_error"), 400);
  if (route === "POST /v1/chat/completions") return say(chat, saidTo(asked, text), asked);
  if (route === "POST /v1/completions") return say(completion, text, asked);
  if (route === "POST /v1/embeddings") return embed(asked);
  if (route === "POST /v1/rerank") return rank(asked);
  return jsonAnswer(errorBody(`Nothing is at ${path}.`, "invalid_request_error"), 404);
}

/** The text; where a schema asks for JSON, the smallest that it allows. */
function saidTo({ response_format: format }: Asked, text: string): string {
  const schema = format?.json_schema?.schema;
  return schema === undefined ? text : JSON.stringify(smallest(schema));
}

function say(kind: Kind, text: string, asked: Asked): Answer {
  const usage = usageOf(promptOf(asked) ?? "", text);
  const base = { id: "chaos-1", created: 0, model: asked.model ?? "" };
  if (asked.stream !== true) {
    const choice = { index: 0, ...kind.message(text), finish_reason: "stop" };
    return jsonAnswer({ ...base, object: kind.object, choices: [choice], usage });
  }
  const chunk = (delta: object, finishReason: string | null = null) => ({
    ...base,
    object: kind.chunk,
    choices: [{ index: 0, ...delta, finish_reason: finishReason }],
  });
  const role = kind === chat ? [chunk({ delta: { role: "assistant", content: "" } })] : [];
  const counted =
    asked.stream_options?.include_usage === true
      ? [{ ...base, object: kind.chunk, choices: [], usage }]
      : [];
  const chunks = [
    ...role,
    ...text.split(/(?<= )/).map((word) => chunk(kind.delta(word))),
    chunk(kind.delta(""), "stop"),
    ...counted,
  ];
  const events = [...chunks.map((each) => JSON.stringify(each)), "[DONE]"];
  return {
    status: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
    parts: inOrder(events.map((data) => Buffer.from(`data: ${data}\n\n`))),
  };
}

/** A vector of length 1 for each text: cosine and sine of how many characters it has. */
function embed({ model = "", input, encoding_format: encoding, dimensions }: Asked): Answer {
  const texts = Array.isArray(input) ? input.map(String) : [String(input)];
  const tokens = texts.reduce((sum, text) => sum + countWords(text), 0);
  const vectors = texts.map((text) =>
    [Math.cos(text.length), Math.sin(text.length), 0, 0].slice(0, dimensions),
  );
  return jsonAnswer({
    object: "list",
    model,
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding:
        encoding === "base64"
          ? Buffer.from(new Float32Array(vector).buffer).toString("base64")
          : vector,
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** A document scores the share of the query's words that it holds. */
function rank({ model = "", query = "", documents = [], top_n: topN }: Asked): Answer {
  const words = query.split(" ");
  const results = documents
    .map((text, index) => {
      const found = words.filter((word) => text.split(" ").includes(word));
      return { index, relevance_score: found.length / words.length, document: { text } };
    })
    .toSorted((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, topN);
  const tokens = countWords([query, ...documents].join(" "));
  return jsonAnswer({ model, results, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

function usageOf(prompt: string, text: string) {
  const [prompted, completed] = [countWords(prompt), countWords(text)];
  return {
    prompt_tokens: prompted,
    completion_tokens: completed,
    total_tokens: prompted + completed,
  };
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}
