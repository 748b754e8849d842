import type { ChatRequest } from "../../contract/capabilities/chat.ts";
import type { CompletionRequest } from "../../contract/capabilities/completion.ts";
import { refuseUnheld } from "../unheld-keywords.ts";
import type { OllamaConfig } from "./config.ts";
import type { ModelDescription } from "./to-description.ts";
import { toMessages } from "./to-messages.ts";
import { toThink } from "./to-think.ts";
import { toTools } from "./to-tools.ts";
import { askedWindow } from "./window.ts";

/** What a request becomes with: the model, how it is configured, and whom to tell of what can't be honoured. */
export interface BodyContext {
  readonly model: string;
  readonly config: OllamaConfig;
  readonly description: ModelDescription;
  warn(message: string): void;
}

type Body = Record<string, unknown>;

/** These say what is asked and how it is answered: a request's own options can't change them. */
const ours = ["model", "messages", "prompt", "stream", "tools", "images", "raw"];

/** The body for `/api/chat`. @throws what the model can't do, before it is asked */
export function toChatBody(request: ChatRequest, context: BodyContext): Body {
  const { description } = context;
  const tools = toTools(request, context);
  const think = toThink(request, context);
  const { responseSchema } = request;
  // A cloud holds schemas in its own way; here a look ahead in a pattern would end Ollama altogether.
  if (!description.isRemote) refuseUnheld(responseSchema, "Ollama");
  return withProviderOptions(request, context, {
    ...common(request, context),
    messages: toMessages(request.messages, context),
    ...(tools.length === 0 ? {} : { tools }),
    ...(responseSchema === undefined ? {} : { format: responseSchema }),
    ...(think === undefined ? {} : { think }),
  });
}

/** The body for `/api/generate`: `raw`, so that no chat template is put around the text that is to be continued. */
export function toCompletionBody(request: CompletionRequest, context: BodyContext): Body {
  return withProviderOptions(request, context, {
    ...common(request, context),
    prompt: request.prompt,
    raw: true,
  });
}

/** What every request and every load says, so that none makes Ollama load the model anew. */
export function runnerBody(
  config: OllamaConfig,
  description: Partial<ModelDescription>,
): { keep_alive?: number | string; options: Body } {
  const window = askedWindow(config, description);
  return {
    ...(config.keepAlive === undefined ? {} : { keep_alive: config.keepAlive }),
    options: { ...config.options, ...(window === undefined ? {} : { num_ctx: window }) },
  };
}

function common(request: CompletionRequest | ChatRequest, context: BodyContext): Body {
  const { model, config, description } = context;
  const { maxTokens, temperature, topP, stop, seed, topK } = request;
  const { frequencyPenalty, presencePenalty, logitBias, logprobs } = request;
  if (logitBias !== undefined && Object.keys(logitBias).length > 0)
    context.warn("logitBias: Ollama has no such thing; it was left out.");
  const { options, ...runner } = runnerBody(config, description);
  return {
    model,
    stream: true,
    // Else a prompt that is too long is cut in silence.
    truncate: false,
    shift: false,
    ...(logprobs === undefined ? {} : { logprobs: true, top_logprobs: logprobs }),
    ...runner,
    options: {
      ...options,
      ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(seed === undefined ? {} : { seed }),
      ...(topK === undefined ? {} : { top_k: topK }),
      ...(frequencyPenalty === undefined ? {} : { frequency_penalty: frequencyPenalty }),
      ...(presencePenalty === undefined ? {} : { presence_penalty: presencePenalty }),
      ...(stop === undefined ? {} : { stop: [...new Set([...description.stops, ...stop])] }),
    },
  };
}

function withProviderOptions(
  { providerOptions = {} }: CompletionRequest | ChatRequest,
  { warn }: BodyContext,
  body: Body,
): Body {
  const others = Object.keys(providerOptions);
  if (others.length > 0 && !others.includes("ollama"))
    warn(
      `providerOptions of ${others.join(", ")} are not for this backend: its own stand under ollama.`,
    );
  const { options, ...own } = providerOptions["ollama"] ?? {};
  const entries = Object.entries(own).filter(([key]) => {
    if (!ours.includes(key)) return true;
    warn(`providerOptions.ollama.${key} was left out: the request itself says it.`);
    return false;
  });
  return {
    ...body,
    ...Object.fromEntries(entries),
    options: { ...(body["options"] as object), ...(options as object | undefined) },
  };
}
