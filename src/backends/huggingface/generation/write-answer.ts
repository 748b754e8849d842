import type { ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { CompletionEvent } from "../../../contract/capabilities/completion.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { refuseFarTooLong } from "../encoding/encode.ts";
import type { LoadedModel } from "../models/load-model.ts";
import type { Runtime, Turn } from "../runtime.ts";
import { generate } from "./generate.ts";
import { endsInReasoning, splitReasoning } from "./split-reasoning.ts";

/** Answers a conversation, written out by the model's template. */
export const chat: Runtime<LoadedModel>["chat"] = (
  visit,
  { turns, template },
  options,
  context,
): AsyncIterable<ChatEvent> => {
  const { model } = visit;
  const prompt = promptOf(model, turns, template);
  refuseFarTooLong(model, prompt, "The prompt");
  // The template has written the special tokens itself.
  const written = { add_special_tokens: false, return_tensor: false } as const;
  const promptIds = model.tokenizer(prompt, written).input_ids;
  const events = generate(visit, promptIds, { ...options, continues: false }, context);
  return splitReasoning(events, endsInReasoning(prompt));
};

/** Continues a text as it stands. */
export const complete: Runtime<LoadedModel>["complete"] = (
  visit,
  prompt,
  options,
  context,
): AsyncIterable<CompletionEvent> => {
  const { model } = visit;
  refuseFarTooLong(model, prompt, "The prompt");
  const ids = model.tokenizer(prompt, { return_tensor: false }).input_ids;
  // Some tokenizers end every text, and then there is nothing to continue.
  const ended = ids.length > 1 && ids.at(-1) === model.tokenizer.eos_token_id;
  const promptIds = ended ? ids.slice(0, -1) : ids;
  return generate(visit, promptIds, { ...options, continues: true }, context);
};

function promptOf(
  { name, tokenizer }: LoadedModel,
  turns: readonly Turn[],
  template: string,
): string {
  try {
    return tokenizer.apply_chat_template([...turns], {
      chat_template: template,
      add_generation_prompt: true,
      tokenize: false,
    });
  } catch (error) {
    // Templates refuse what the model was not trained on: a system message, two turns of one role.
    const said = error instanceof Error ? error.message : String(error);
    throw new ModelyardError(
      "invalid-request",
      `The template of ${name} does not take these messages: ${said}`,
      { model: name, remedy: "Leave the system message out, or let the roles take turns." },
    );
  }
}
