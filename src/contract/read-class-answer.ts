import { z } from "zod";
import type { ChatEvent } from "./capabilities/chat.ts";
import type { ClassificationOutput } from "./capabilities/classification.ts";
import type { EmbeddingOutput } from "./capabilities/embedding.ts";
import { finishReason, tokenLogprob } from "./capabilities/generation.ts";
import { ModelyardError } from "./errors.ts";
import { usage } from "./usage.ts";

/** A whole answer, as a method may return it. */
const wholeText = z.object({
  text: z.string(),
  reasoning: z.string().optional(),
  logprobs: z.array(tokenLogprob).optional(),
  toolCalls: z
    .array(z.object({ toolCallId: z.string(), toolName: z.string(), input: z.unknown() }))
    .optional(),
  /** `stop`, or `tool-calls` where there are some. */
  finishReason: finishReason.optional(),
  usage: usage.optional(),
});
export type WholeText = z.input<typeof wholeText>;

/** What a method that generates text may give: the text, the whole answer, or either piece by piece. */
export type ClassText =
  | string
  | WholeText
  | AsyncIterable<string | ChatEvent>
  | Iterable<string | ChatEvent>;

/** Vectors in the order of the texts; one vector where one text was asked for. */
export type ClassVectors =
  | readonly ArrayLike<number>[]
  | ArrayLike<number>
  | {
      readonly embeddings: readonly ArrayLike<number>[];
      readonly usage?: EmbeddingOutput["usage"];
    };

export type ClassLabels =
  | ClassificationOutput["labels"]
  | (Pick<ClassificationOutput, "labels"> & { readonly usage?: ClassificationOutput["usage"] });

/**
 * A text, a whole answer or a generator's pieces, as events. Strings get their `finish`; where events are yielded, theirs is the last.
 * Nothing is asked before the first piece is. `method` stands in errors. @throws `invalid-response` for anything else
 */
export async function* readText(
  ask: () => ClassText | Promise<ClassText>,
  method: string,
): AsyncGenerator<ChatEvent, void> {
  const answer = await ask();
  if (typeof answer === "string" || !isIterable(answer)) {
    yield* eventsOf(typeof answer === "string" ? { text: answer } : answer, method);
    return;
  }
  let textAlone = true;
  for await (const piece of answer) {
    if (typeof piece === "string") yield { type: "text-delta", text: piece };
    else {
      if (typeof (piece as Partial<ChatEvent> | null)?.type !== "string")
        throw unreadable(method, "yielded", piece, "a string, or an event with its type");
      textAlone = false;
      yield piece;
    }
  }
  if (textAlone) yield { type: "finish", reason: "stop", usage: {} };
}

function* eventsOf(given: unknown, method: string): Generator<ChatEvent, void> {
  const read = wholeText.safeParse(given);
  if (!read.success)
    throw unreadable(method, "gave", given, "a string, { text, usage }, or a generator of strings");
  const {
    text,
    reasoning,
    logprobs,
    toolCalls = [],
    finishReason: said,
    usage: used = {},
  } = read.data;
  if (reasoning !== undefined) yield { type: "reasoning-delta", text: reasoning };
  yield { type: "text-delta", text, ...(logprobs && { logprobs }) };
  for (const call of toolCalls) yield { type: "tool-call", ...call };
  const reason = said ?? (toolCalls.length > 0 ? "tool-calls" : "stop");
  yield { type: "finish", reason, usage: used };
}

/** @throws `invalid-response` for what are no vectors, or not as many as texts */
export function readVectors(given: unknown, texts: number, method: string): EmbeddingOutput {
  const { embeddings: list, usage: used = {} } =
    isFields(given) && "embeddings" in given ? given : { embeddings: given };
  const vectors = isVector(list) ? [list] : list;
  const expected = `${texts === 1 ? "a vector" : `${texts} vectors`} of numbers, or { embeddings, usage }`;
  if (!Array.isArray(vectors) || vectors.length !== texts || !vectors.every(isVector))
    throw unreadable(method, "gave", given, expected);
  return {
    embeddings: vectors.map((vector) => Array.from(vector)),
    usage: readUsage(used, method),
  };
}

const labelList = z.array(z.object({ label: z.string(), score: z.number() }));

/** @throws `invalid-response` for what are no labels with scores */
export function readLabels(given: unknown, method: string): ClassificationOutput {
  const { labels, usage: used = {} } = isFields(given) ? given : { labels: given };
  const read = labelList.safeParse(labels);
  if (!read.success)
    throw unreadable(method, "gave", given, "a list of { label, score }, or { labels, usage }");
  return { labels: read.data, usage: readUsage(used, method) };
}

function readUsage(given: unknown, method: string): z.infer<typeof usage> {
  const read = usage.safeParse(given);
  if (read.success) return read.data;
  throw unreadable(method, "gave as usage", given, "{ inputTokens, outputTokens }, whole numbers");
}

function isVector(value: unknown): value is ArrayLike<number> {
  const list =
    Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
  return list && value.length > 0 && value.every(Number.isFinite);
}

function isIterable(value: unknown): value is AsyncIterable<string | ChatEvent> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

/** Says of what kind a value is, never what it holds: that may be a prompt, or a key. */
function unreadable(method: string, did: string, value: unknown, expected: string): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `${method} ${did} ${kindOf(value)}, expected ${expected}.`,
    { remedy: "Mend what that method gives." },
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) {
    return value.length === 0
      ? "an empty list"
      : `a list of ${value.length}, the first ${kindOf(value[0])}`;
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  if (ArrayBuffer.isView(value)) return "one vector";
  // A key that is no name may be somebody's text.
  const keys = Object.keys(value)
    .filter((key) => /^\w{1,32}$/.test(key))
    .slice(0, 5);
  return keys.length === 0 ? "an object without fields" : `an object with ${keys.join(", ")}`;
}
