import type { Handler } from "../../contract/backend.ts";
import { type ChatMessage, type ChatRequest, textOf } from "../../contract/capabilities/chat.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import type { DescribedModel, Runtime } from "./runtime.ts";
import { refused, unable } from "./unable.ts";

/** Answers a conversation, written out by the model's own template. */
export function chatHandler<Model extends DescribedModel>(
  models: LoadedModels<Model>,
  runtime: Runtime<Model>,
): Handler<"chat"> {
  return async function* chat({ messages, ...request }, context) {
    const visit = await models.enter(context.model, context);
    try {
      const { model } = visit;
      refuseWhatIsLacking(model.name, messages, request);
      if (request.reasoningEffort !== undefined)
        context.warn("reasoningEffort: a model here thinks as its chat template has it.");
      const {
        tools: _,
        toolChoice: __,
        responseSchema: ___,
        parallelToolCalls: ____,
        reasoningEffort: _____,
        ...options
      } = request;
      const turns = messages.map((message) => ({ role: message.role, content: textOf(message) }));
      yield* runtime.chat(visit, { turns, template: templateOf(model) }, options, context);
    } finally {
      visit.leave();
    }
  };
}

/** The conversation is written out as the model was trained to read it. */
function templateOf(model: DescribedModel): string {
  const { task } = model.description;
  if (task.kind !== "generation") throw unable(model, "chat");
  if (task.chatTemplate === undefined) throw unable(model, "chat", "it has no chat template");
  return task.chatTemplate;
}

function refuseWhatIsLacking(
  name: string,
  messages: readonly ChatMessage[],
  { tools, toolChoice = "auto", responseSchema, logprobs }: Omit<ChatRequest, "messages">,
): void {
  const kinds = new Set<string>(messages.flatMap(({ content }) => content.map(({ type }) => type)));
  const lacking = [
    ((tools?.length ?? 0) > 0 || kinds.has("tool-call") || kinds.has("tool-result")) && "tools",
    // A call that must be made can't be; that none is made, or none need be, is no wish.
    toolChoice !== "auto" && toolChoice !== "none" && "toolChoice",
    kinds.has("image") && "images",
    responseSchema !== undefined && "responseSchema",
    logprobs !== undefined && "logprobs",
  ].find((each) => each !== false);
  if (lacking === undefined) return;
  throw refused(name, lacking);
}
