import { familyOf } from "./embedding-families.ts";
import type { ModelFolder } from "../models/model-folder.ts";

/** How the vectors of a text's tokens become the text's own. */
export type Pooling = "mean" | "cls" | "max" | "weighted-mean" | "last";

/** The steps from a text to its vector, which is always brought to length 1 in the end. */
export interface EmbeddingRecipe {
  /** Undefined where the model asks for one that we do not know. */
  pooling: Pooling | undefined;
  /** Put before a text, by what it is for. */
  prefixes: { query: string; document: string; neutral: string };
  /** Whether the prefix's tokens count in the pooling. */
  poolsPrefix: boolean;
  /** The fewest dimensions a vector may be shortened to; undefined where it must stay whole. */
  fewestDimensions: number | undefined;
  layerNormBeforeShortening: boolean;
  /** A further layer, which must be part of the ONNX file: its weights lie elsewhere otherwise. */
  hasDense: boolean;
}

const poolingNames: Record<string, Pooling> = {
  cls: "cls",
  cls_token: "cls",
  mean: "mean",
  mean_tokens: "mean",
  // The same but for the length, which becomes 1.
  mean_sqrt_len_tokens: "mean",
  max: "max",
  max_tokens: "max",
  weightedmean: "weighted-mean",
  weightedmean_tokens: "weighted-mean",
  lasttoken: "last",
};

/** The recipe as the folder gives it, else as the model's family is known to want it, else mean pooling without prefixes. */
export function embeddingRecipe(folder: ModelFolder): EmbeddingRecipe {
  const family = familyOf(folder.hubName);
  const pooling = folder.pooling === undefined ? undefined : poolingOf(folder.pooling);
  return {
    pooling: folder.pooling === undefined ? (family?.pooling ?? "mean") : pooling,
    prefixes: promptsOf(folder) ?? { query: "", document: "", neutral: "", ...family?.prefixes },
    poolsPrefix: folder.pooling?.include_prompt !== false,
    fewestDimensions: fewestOf(folder) ?? family?.fewestDimensions,
    layerNormBeforeShortening: family?.layerNormBeforeShortening ?? false,
    hasDense: folder.modules?.some(({ type }) => type.endsWith(".Dense")) ?? false,
  };
}

function poolingOf(pooling: NonNullable<ModelFolder["pooling"]>): Pooling | undefined {
  const named = pooling.pooling_mode;
  const flags = Object.keys(pooling)
    .filter((key) => key.startsWith("pooling_mode_") && pooling[key] === true)
    .map((key) => key.slice("pooling_mode_".length));
  const modes = named == null ? flags : [named].flat();
  const [mode] = modes;
  // Several are laid end to end, which no model that we met does.
  return modes.length === 1 && mode !== undefined ? poolingNames[mode] : undefined;
}

function promptsOf({ sentenceTransformers }: ModelFolder): EmbeddingRecipe["prefixes"] | undefined {
  const prompts = sentenceTransformers?.prompts ?? {};
  const query = prompts["query"] ?? prompts["search_query"];
  const document = prompts["document"] ?? prompts["passage"] ?? prompts["search_document"];
  const usual = prompts[sentenceTransformers?.default_prompt_name ?? ""];
  // Newer versions of sentence-transformers write both down empty where a model has none.
  if (!query && !document && !usual) return undefined;
  return { query: query ?? "", document: document ?? "", neutral: usual ?? "" };
}

function fewestOf({ config }: ModelFolder): number | undefined {
  const dimensions = config.matryoshka_dimensions ?? [];
  if (dimensions.length > 0) return dimensions.reduce((least, each) => Math.min(least, each));
  return config.is_matryoshka === true ? 1 : undefined;
}
