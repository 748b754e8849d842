import { chat } from "./capabilities/chat.ts";
import { classification } from "./capabilities/classification.ts";
import { completion } from "./capabilities/completion.ts";
import { embedding } from "./capabilities/embedding.ts";
import { rerank } from "./capabilities/rerank.ts";

/** Every capability by name. A plugin adds its own by declaration merging: `declare module "modelyard/backend" { interface CapabilityMap { … } }`. */
export interface CapabilityMap {
  chat: typeof chat;
  completion: typeof completion;
  embedding: typeof embedding;
  classification: typeof classification;
  rerank: typeof rerank;
}

/** The capabilities that are built in. */
export const builtInCapabilities = [chat, completion, embedding, classification, rerank] as const;
