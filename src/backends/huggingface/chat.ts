import type { Handler } from "../../contract/backend.ts";
import { type ChatMessage, type ChatRequest, textOf } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { refuseFarTooLong } from "./encoding/encode.ts";
import { generate } from "./generation/generate.ts";
import type { LoadedModel } from "./models/load-model.ts";
import { endsInReasoning, splitReasoning } from "./generation/split-reasoning.ts";
import { unable } from "./unable.ts";

/** Answers a conversation, written out by the model's own template. */
export function chatHandler(models: LoadedModels<LoadedModel>): Handler<"chat"> {
  return async function* chat({ messages, ...request }, context) {
    const visit = await models.enter(context.model, context);
    try {
      const { model } = visit;
      refuseWhatIsLacking(model.name, messages, request);
      const { tools: _, toolChoice: __, responseSchema: ___, ...options } = request;
      const prompt = promptOf(model, messages);
      const promptIds = idsOf(model, prompt);
      const events = generate(visit, promptIds, { ...options, continues: false }, context);
      yield* splitReasoning(events, endsInReasoning(prompt));
    } finally {
      visit.leave();
    }
  };
}

/** The template has written the special tokens itself. */
function idsOf(model: LoadedModel, prompt: string): number[] {
  const { tokenizer } = model;
  refuseFarTooLong(model, prompt, "The prompt");
  return tokenizer(prompt, { add_special_tokens: false, return_tensor: false }).input_ids;
}

/** The conversation as the model was trained to read it. */
function promptOf(model: LoadedModel, messages: readonly ChatMessage[]): string {
  const { name, tokenizer, description } = model;
  if (description.task.kind !== "generation") throw unable(model, "chat");
  const { chatTemplate } = description.task;
  if (chatTemplate === undefined) throw unable(model, "chat", "it has no chat template");
  const turns = messages.map((message) => ({ role: message.role, content: textOf(message) }));
  try {
    return tokenizer.apply_chat_template(turns, {
      chat_template: chatTemplate,
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

function refuseWhatIsLacking(
  name: string,
  messages: readonly ChatMessage[],
  { tools, responseSchema }: Omit<ChatRequest, "messages">,
): void {
  const kinds = new Set<string>(messages.flatMap(({ content }) => content.map(({ type }) => type)));
  const lacking = [
    ((tools?.length ?? 0) > 0 || kinds.has("tool-call") || kinds.has("tool-result")) && "tools",
    kinds.has("image") && "images",
    responseSchema !== undefined && "a response schema",
  ].find((each) => each !== false);
  if (lacking === undefined) return;
  throw new ModelyardError(
    "capability-not-supported",
    `huggingface does not take ${lacking} (model ${name}).`,
    { model: name, remedy: `Leave ${lacking} out, or use a model of another backend.` },
  );
}
