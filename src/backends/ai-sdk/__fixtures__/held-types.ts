import type {
  EmbeddingModelV3,
  EmbeddingModelV4,
  LanguageModelV4,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import type { EmbeddingModel, LanguageModel, LanguageModelOptions, StreamPart } from "../api.ts";

type Is<One extends Other, Other> = One;
type Part<Type extends StreamPart["type"]> = Extract<LanguageModelV4StreamPart, { type: Type }>;

/** `npm run types` fails where our few types no longer fit those of the SDK: what it gives us, and what we give it. */
export type Held = [
  Is<EmbeddingModelV4, EmbeddingModel>,
  Is<EmbeddingModelV3, EmbeddingModel>,
  Is<LanguageModelOptions, Parameters<LanguageModelV4["doStream"]>[0]>,
  Is<LanguageModelV4["specificationVersion"], LanguageModel["specificationVersion"]>,
  Is<
    Part<
      "stream-start" | "text-delta" | "reasoning-delta" | "tool-call" | "file" | "finish" | "error"
    >,
    StreamPart
  >,
];
