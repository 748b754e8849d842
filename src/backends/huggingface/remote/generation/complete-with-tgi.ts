import type { CallContext } from "../../../../contract/backend.ts";
import type {
  CompletionEvent,
  CompletionRequest,
} from "../../../../contract/capabilities/completion.ts";
import type { TokenLogprob } from "../../../../contract/capabilities/generation.ts";
import { ModelyardError } from "../../../../contract/errors.ts";
import { quote } from "../../../../contract/http/quote.ts";
import { readEvents } from "../../../../contract/http/read-events.ts";
import { responseError } from "../../../../contract/http/response-error.ts";
import { toFinishReason } from "../../../openai-compatible/convert/to-finish-reason.ts";
import type { Connection } from "../connection.ts";
import { streamTypes } from "./chat.ts";

interface Token {
  text?: unknown;
  special?: unknown;
  logprob?: unknown;
}

/** One piece of an answer. The last one tells why it ended; an error comes instead of a piece. */
interface Piece {
  token?: Token | null;
  top_tokens?: readonly Token[] | null;
  details?: { finish_reason?: unknown; generated_tokens?: unknown; input_length?: unknown } | null;
  error?: unknown;
}

/** The continuation of a text by `/generate_stream`, which leaves the prompt as it is. */
export async function* completeWithTgi(
  connection: Connection,
  request: CompletionRequest,
  context: CallContext,
): AsyncGenerator<CompletionEvent, void, undefined> {
  for (const name of ["presencePenalty", "logitBias"] as const)
    if (request[name] !== undefined)
      context.warn(`Text Generation Inference has no ${name} for completions: it was left out.`);
  const body = { inputs: request.prompt, parameters: toParameters(request) };
  const response = await connection.ask(context, "/generate_stream", body, streamTypes);
  for await (const { data } of readEvents(response)) {
    const piece = parsePiece(data, context.model);
    const { text, special } = piece.token ?? {};
    if (typeof text === "string" && text !== "" && special !== true)
      yield {
        type: "text-delta",
        text,
        ...(request.logprobs === undefined ? {} : toLogprobs(piece)),
      };
    if (piece.details === undefined || piece.details === null) continue;
    yield toFinish(piece.details);
    return;
  }
  throw new ModelyardError(
    "stream-interrupted",
    `${context.model} broke off: its answer ended without a finish reason.`,
    { remedy: "Try again; if it stays so, look into the log of that server." },
  );
}

/** It takes no temperature of 0 (greedy is without sampling) and no `top_p` of 1 (all tokens are without it). */
function toParameters({
  maxTokens,
  temperature,
  topP,
  stop,
  seed,
  topK,
  frequencyPenalty,
  logprobs = 0,
  providerOptions,
}: CompletionRequest): Record<string, unknown> {
  const greedy = temperature === 0;
  return {
    ...(maxTokens === undefined ? {} : { max_new_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { do_sample: !greedy }),
    ...(temperature === undefined || greedy ? {} : { temperature }),
    ...(topP === undefined || topP === 1 || greedy ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(topK === undefined || greedy ? {} : { top_k: topK }),
    ...(frequencyPenalty === undefined ? {} : { frequency_penalty: frequencyPenalty }),
    ...(logprobs === 0 ? {} : { top_n_tokens: logprobs }),
    ...providerOptions?.["huggingface"],
    // How it answers is ours: its end is told in the details.
    details: true,
    return_full_text: false,
  };
}

function toLogprobs({ token, top_tokens: tops }: Piece): { logprobs?: TokenLogprob[] } {
  const top = (tops ?? []).flatMap(toLikelihood);
  const logprobs = toLikelihood(token ?? {}).map((own) => ({
    ...own,
    ...(top.length === 0 ? {} : { top }),
  }));
  return logprobs.length === 0 ? {} : { logprobs };
}

function toLikelihood({ text, logprob }: Token): Omit<TokenLogprob, "top">[] {
  return typeof text === "string" && typeof logprob === "number" ? [{ token: text, logprob }] : [];
}

function toFinish(details: NonNullable<Piece["details"]>): CompletionEvent {
  const { finish_reason: reason, generated_tokens: generated, input_length: read } = details;
  return {
    type: "finish",
    reason: toFinishReason(typeof reason === "string" ? reason : undefined, false),
    ...(typeof reason === "string" ? { rawReason: reason } : {}),
    usage: {
      ...(typeof read === "number" ? { inputTokens: read } : {}),
      ...(typeof generated === "number" ? { outputTokens: generated } : {}),
    },
  };
}

function parsePiece(data: string, model: string): Piece {
  let piece: unknown;
  try {
    piece = JSON.parse(data);
  } catch (cause) {
    throw new ModelyardError(
      "invalid-response",
      `An event of the answer is no JSON: ${quote(data)}.`,
      { cause },
    );
  }
  if (typeof piece !== "object" || piece === null) return {};
  if ("error" in piece) throw responseError({ status: 200, body: piece, model });
  return piece;
}
