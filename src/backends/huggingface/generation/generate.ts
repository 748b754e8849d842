import type { CallContext } from "../../../contract/backend.ts";
import type {
  CompletionEvent,
  CompletionRequest,
} from "../../../contract/capabilities/completion.ts";
import type { FinishReason } from "../../../contract/capabilities/generation.ts";
import type { Visit } from "../../../contract/loaded-models.ts";
import { createReader } from "./decode.ts";
import { tooLong } from "../encoding/encode.ts";
import type { LoadedModel } from "../models/load-model.ts";
import { createSampler, samplingOf } from "./sample.ts";
import { createStopScanner } from "./stop-scanner.ts";
import { createTokenText } from "./token-text.ts";

/** How text is generated, whatever the prompt is made of. */
export type GenerationRequest = Omit<CompletionRequest, "prompt"> & {
  /** Whether the answer is the prompt's own text going on, so that a blank between the two belongs to it. */
  continues: boolean;
};

/** A token's reading depends on a few before it. */
const contextIds = 6;

/** An answer that nobody limits, of a model that does not say what it can hold. */
export const mostTokens = 4096;

/**
 * Writes on from a prompt's tokens, a token at a time, and no further than the caller has read.
 * @throws ModelyardError `context-length-exceeded` with the counts; the signal's reason.
 */
export async function* generate(
  { model, signal }: Visit<LoadedModel>,
  promptIds: readonly number[],
  request: GenerationRequest,
  { progress, warn }: CallContext,
): AsyncGenerator<CompletionEvent> {
  const window = model.description.contextTokens ?? promptIds.length + mostTokens;
  if (promptIds.length >= window) throw tooLong(model, "The prompt", promptIds.length);
  const limit = Math.min(request.maxTokens ?? window, window - promptIds.length);
  const sample = createSampler(samplingOf(request, model.folder, warn));
  const reader = createReader(model, { signal, progress });
  const scanner = createStopScanner(request.stop ?? []);
  const text = createTokenText(
    model.tokenizer,
    request.continues ? promptIds.slice(-contextIds) : [],
  );
  const ends = endTokens(model);
  const ids = [...promptIds];
  let reason: FinishReason = "length";
  let unread: readonly number[] = promptIds;
  let outputTokens = 0;
  while (outputTokens < limit) {
    const next = sample(await reader.read(unread), ids);
    outputTokens++;
    if (ends.has(next)) {
      reason = "stop";
      break;
    }
    ids.push(next);
    unread = [next];
    const { text: certain, stopped } = scanner.feed(text.push(next));
    if (certain !== "") yield { type: "text-delta", text: certain };
    if (stopped) {
      yield finish("stop", promptIds.length, outputTokens);
      return;
    }
  }
  const last = scanner.feed(text.flush());
  const rest = last.stopped ? last.text : last.text + scanner.flush();
  if (rest !== "") yield { type: "text-delta", text: rest };
  yield finish(last.stopped ? "stop" : reason, promptIds.length, outputTokens);
}

function finish(reason: FinishReason, inputTokens: number, outputTokens: number): CompletionEvent {
  return { type: "finish", reason, usage: { inputTokens, outputTokens } };
}

/** By these a turn ends in the templates in use, also where a model's folder forgets to say so. */
export const turnEnds: readonly string[] = [
  "<|im_end|>",
  "<|eot_id|>",
  "<end_of_turn>",
  "<|end|>",
  "<|endoftext|>",
];

function endTokens({ folder, tokenizer }: LoadedModel): Set<number> {
  const said = [folder.generation?.eos_token_id ?? [], tokenizer.eos_token_id ?? []].flat();
  const usual = tokenizer.all_special_tokens.flatMap((token, index) =>
    turnEnds.includes(token) ? [tokenizer.all_special_ids[index]] : [],
  );
  return new Set([...said, ...usual].filter((id) => id !== undefined));
}
