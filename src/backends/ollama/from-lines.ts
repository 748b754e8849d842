import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import type { FinishReason, TokenLogprob } from "../../contract/capabilities/generation.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/usage.ts";
import { lineError } from "./to-error.ts";

/** One line of an answer of `/api/chat` or `/api/generate`. An answer in one piece is a single such line. */
interface Line {
  message?: Message;
  response?: string;
  thinking?: string;
  done?: boolean;
  done_reason?: string;
  logprobs?: Logprob[];
  error?: unknown;
  prompt_eval_count?: number;
  eval_count?: number;
}

interface Logprob {
  token: string;
  logprob: number;
  bytes?: number[];
  top_logprobs?: Omit<Logprob, "top_logprobs">[];
}

interface Message {
  content?: string | undefined;
  thinking?: string | undefined;
  tool_calls?: ToolCall[] | null;
}

interface ToolCall {
  id?: string;
  function?: { name?: string; arguments?: unknown };
}

/**
 * The lines of an answer as events.
 * @throws `stream-interrupted` where the lines end before the answer does, and what an error among them says
 */
export async function* fromLines(
  lines: AsyncIterable<unknown>,
  model: string,
): AsyncGenerator<ChatEvent, void, undefined> {
  let calls = 0;
  for await (const value of lines) {
    const line = toLine(value, model);
    const said: Message = line.message ?? { content: line.response, thinking: line.thinking };
    if (said.thinking) yield { type: "reasoning-delta", text: said.thinking };
    // Those of thoughts are not told.
    if (line.logprobs && !said.thinking)
      yield {
        type: "text-delta",
        text: said.content ?? "",
        logprobs: line.logprobs.map(toLogprob),
      };
    else if (said.content) yield { type: "text-delta", text: said.content };
    for (const call of said.tool_calls ?? []) {
      calls += 1;
      yield toToolCall(call, model);
    }
    if (line.done === true) {
      const { done_reason: rawReason } = line;
      yield {
        type: "finish",
        reason: toFinishReason(rawReason, calls),
        ...(rawReason === undefined || rawReason === "" ? {} : { rawReason }),
        usage: toUsage(line),
      };
      return;
    }
  }
  throw new ModelyardError(
    "stream-interrupted",
    `Ollama's answer ended before ${model} had finished.`,
    { model, remedy: "Try again; if it stays so, look into Ollama's log." },
  );
}

function toLogprob({ top_logprobs: top = [], ...token }: Logprob): TokenLogprob {
  return { ...token, ...(top.length === 0 ? {} : { top }) };
}

function toLine(value: unknown, model: string): Line {
  if (typeof value !== "object" || value === null) {
    throw new ModelyardError("invalid-response", "A line of Ollama's answer is no object.", {
      model,
      remedy: "Check that baseUrl is the address of an Ollama.",
    });
  }
  const line = value as Line;
  if (line.error !== undefined) throw lineError(line.error, model);
  return line;
}

function toToolCall({ id, function: called }: ToolCall, model: string): ChatEvent {
  if (typeof called?.name !== "string") {
    throw new ModelyardError("invalid-response", "Ollama sent a tool call without a name.", {
      model,
      remedy: "Try again, or use a model that is better at calling tools.",
    });
  }
  return {
    type: "tool-call",
    // Older versions give none; results refer to it, through the whole conversation.
    toolCallId: id !== undefined && id !== "" ? id : `call_${crypto.randomUUID()}`,
    toolName: called.name,
    input: called.arguments ?? {},
  };
}

/** Ollama ends with `stop` after tool calls too. `load` and `unload` end an answer that was none. */
function toFinishReason(reason: string | undefined, calls: number): FinishReason {
  if (reason === "length") return "length";
  if (calls > 0) return "tool-calls";
  return reason === "stop" ? "stop" : "other";
}

/** Counts that are zero are left out upstream. The prompt's holds its cached part. */
function toUsage(line: Line): Usage {
  const { prompt_eval_count: inputTokens = 0, eval_count: outputTokens = 0 } = line;
  const figures = Object.entries(line).filter(([key]) => /_(count|duration)$/.test(key));
  return {
    inputTokens,
    outputTokens,
    raw: Object.fromEntries(figures),
  };
}
