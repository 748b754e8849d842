import type { TokenLogprob } from "../../../contract/capabilities/generation.ts";
import { field } from "./fields.ts";
import { fromLogprobs } from "./from-logprobs.ts";

/** What one chunk of an answer holds. */
export interface Chunk {
  text: string | undefined;
  /** Of the text's tokens. */
  logprobs: TokenLogprob[] | undefined;
  reasoning: string | undefined;
  toolCalls: readonly unknown[] | undefined;
  finishReason: string | undefined;
  usage: unknown;
  /** Whether it spoke of the answer at all. */
  hasChoice: boolean;
}

interface Choice {
  index?: number | null;
  delta?: Said | null;
  message?: Said | null;
  text?: unknown;
  logprobs?: unknown;
  finish_reason?: unknown;
}

interface Said {
  content?: unknown;
  reasoning?: unknown;
  reasoning_content?: unknown;
  refusal?: unknown;
  tool_calls?: unknown;
}

/**
 * Reads a chunk of a stream, or a whole answer, of chat or of completions. Nothing is taken for granted: `choices` may be empty or
 * missing, `message` may stand for `delta`, content may be null, a text, or a list of parts. Runs for each token: no schema here.
 */
export function readChunk(chunk: object): Chunk {
  const {
    choices,
    usage,
    x_groq: groq,
  } = chunk as {
    choices?: unknown;
    usage?: unknown;
    x_groq?: unknown;
  };
  const choice = firstChoice(choices);
  const said = choice?.delta ?? choice?.message ?? undefined;
  const finish = choice?.finish_reason;
  const calls = said?.tool_calls;
  const logprobs = choice?.logprobs;
  return {
    text: toText(said?.content) ?? toText(choice?.text) ?? toText(said?.refusal),
    logprobs:
      typeof logprobs === "object" && logprobs !== null ? fromLogprobs(logprobs) : undefined,
    reasoning: toText(said?.reasoning) ?? toText(said?.reasoning_content),
    toolCalls: Array.isArray(calls) && calls.length > 0 ? calls : undefined,
    finishReason: typeof finish === "string" && finish !== "" ? finish : undefined,
    usage: usage ?? (groq === undefined ? undefined : field(groq, "usage")),
    hasChoice: choice !== undefined,
  };
}

/** The answer that was asked for: one of several choices has index 0. */
function firstChoice(choices: unknown): Choice | undefined {
  if (!Array.isArray(choices)) return undefined;
  const [first] = choices as (Choice | null)[];
  if (first === undefined || first === null) return undefined;
  if (first.index === undefined || first.index === null || first.index === 0) return first;
  return (choices as Choice[]).find(({ index }) => index === 0);
}

function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  let text = "";
  for (const part of value) {
    const each = typeof part === "string" ? part : field(part, "text");
    if (typeof each === "string") text += each;
  }
  return text === "" ? undefined : text;
}

/** Whether a chunk, or a whole answer of status 200, is an error instead. */
export function isError(chunk: object): boolean {
  const { error, object, choices, detail } = chunk as Record<string, unknown>;
  if (error) return true; // null and "" stand beside good answers
  return object === "error" || (detail !== undefined && choices === undefined);
}
