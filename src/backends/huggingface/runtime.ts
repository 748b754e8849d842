import type { CallContext } from "../../contract/backend.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import type { CompletionEvent, CompletionRequest } from "../../contract/capabilities/completion.ts";
import type { Visit } from "../../contract/loaded-models.ts";
import type { ModelDescription } from "./models/describe.ts";

/** A model of which is known what it is made for. */
export interface DescribedModel {
  readonly name: string;
  readonly description: ModelDescription;
}

export interface JudgedInput {
  text: string;
  /** A second text that stands beside it. */
  pair?: string;
  /** What to call it in an error; by its place where left out. */
  name?: string;
}

export type GenerationOptions = Omit<CompletionRequest, "prompt">;

export interface Turn {
  role: string;
  content: string;
}

/** What runs the models, whichever library does. Each refuses what is longer than the model's window with `context-length-exceeded`. */
export interface Runtime<Model extends DescribedModel> {
  /** Each text's vector, of any length, in the order of the texts. The prefix is put before each. */
  embed(
    visit: Visit<Model>,
    texts: readonly string[],
    prefix: string,
    context: CallContext,
  ): Promise<{ vectors: number[][]; inputTokens: number }>;
  /** What a classifier gives for each input, one number a label. */
  judge(
    visit: Visit<Model>,
    inputs: readonly JudgedInput[],
    context: CallContext,
  ): Promise<{ logits: number[][]; inputTokens: number }>;
  /** Answers a conversation, written out by the model's template. */
  chat(
    visit: Visit<Model>,
    conversation: { turns: readonly Turn[]; template: string },
    options: GenerationOptions,
    context: CallContext,
  ): AsyncIterable<ChatEvent>;
  /** Continues a text as it stands. */
  complete(
    visit: Visit<Model>,
    prompt: string,
    options: GenerationOptions,
    context: CallContext,
  ): AsyncIterable<CompletionEvent>;
}
