/**
 * What a provider package of the AI SDK is, as far as we use it: specification V4, and V3, which differs in a file's data and knows no
 * `dimensions`. Written down here, so that neither our types nor our program need a package of the AI SDK.
 * Source: `@ai-sdk/provider` 4.0.38; `__fixtures__/held-types.ts` holds the two together.
 */
export interface Provider {
  readonly specificationVersion?: string;
  languageModel(modelId: string): LanguageModel;
  embeddingModel?(modelId: string): EmbeddingModel;
  /** What V3 packages called it at first. */
  textEmbeddingModel?(modelId: string): EmbeddingModel;
}

/** How much is thought. */
type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** What a package's `createAnthropic` is. */
export type CreateProvider = (options: Record<string, unknown>) => Provider;

export interface LanguageModel {
  readonly specificationVersion: string;
  doStream(options: LanguageModelOptions): PromiseLike<{ stream: ReadableStream<StreamPart> }>;
}

export interface LanguageModelOptions {
  prompt: PromptMessage[];
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  stopSequences?: string[];
  seed?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  /** V3 does not know it. */
  reasoning?: ReasoningEffort;
  responseFormat?: { type: "json"; schema: JsonSchema };
  tools?: { type: "function"; name: string; description?: string; inputSchema: JsonSchema }[];
  toolChoice?: { type: "auto" | "none" | "required" } | { type: "tool"; toolName: string };
  providerOptions?: ProviderOptions;
  abortSignal?: AbortSignal;
}

/** By the provider's own name for itself: `{ anthropic: { … } }`. Its values are JSON. */
export type ProviderOptions = Record<string, Record<string, never>>;
type JsonSchema = Record<string, never>;

export type PromptMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: (TextPart | FilePart)[] }
  | { role: "assistant"; content: (TextPart | ReasoningPart | ToolCallPart)[] }
  | { role: "tool"; content: ToolResultPart[] };

interface TextPart {
  type: "text";
  text: string;
}

interface FilePart {
  type: "file";
  mediaType: string;
  /** Base64. V3 has the bare string here. */
  data: { type: "data"; data: string };
}

interface ReasoningPart {
  type: "reasoning";
  text: string;
}

interface ToolCallPart {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: unknown;
}

interface ToolResultPart {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: { type: "text" | "error-text"; value: string };
}

/** A piece of an answer. Kinds that carry nothing for us (`text-start`, `raw`, `source` …) are left out, and passed over. */
export type StreamPart =
  | { type: "stream-start"; warnings: ProviderWarning[] }
  | { type: "text-delta" | "reasoning-delta"; delta: string }
  | ToolCall
  | { type: "file"; mediaType: string }
  | { type: "finish"; usage: ProviderUsage; finishReason: ProviderFinishReason }
  /** What failed in mid-stream is told, not thrown: an error of the SDK, or what the upstream sent. */
  | { type: "error"; error: unknown };

export interface ToolCall {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  /** JSON. */
  input: string;
  /** The provider runs it itself, and its result is part of the answer. */
  providerExecuted?: boolean | undefined;
}

export interface ProviderFinishReason {
  unified: "stop" | "length" | "content-filter" | "tool-calls" | "error" | "interrupted" | "other";
  raw: string | undefined;
}

/** In tokens. Many providers say 0 for a part that their upstream does not tell. */
export interface ProviderUsage {
  inputTokens: { total: number | undefined; cacheRead: number | undefined };
  outputTokens: { total: number | undefined; reasoning: number | undefined };
  /** The upstream's own figures. */
  raw?: unknown;
}

export type ProviderWarning =
  | { type: "unsupported" | "compatibility"; feature: string; details?: string }
  | { type: "deprecated"; setting: string; message: string }
  | { type: "other"; message: string };

export interface EmbeddingModel {
  readonly specificationVersion: string;
  /** How many texts a call takes; any number where undefined or infinite. */
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined;
  doEmbed(options: {
    values: string[];
    dimensions?: number;
    abortSignal?: AbortSignal;
  }): PromiseLike<{
    embeddings: number[][];
    usage?: { tokens: number } | undefined;
    /** V3 may leave them out. */
    warnings?: ProviderWarning[] | undefined;
  }>;
}
