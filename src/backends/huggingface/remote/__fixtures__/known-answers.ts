/** `/info` of Text Embeddings Inference, as its sources of 2026-07-24 write it. */
const teiInfo = {
  model_id: "sentence-transformers/all-MiniLM-L6-v2",
  model_sha: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
  model_dtype: "float32",
  model_type: { embedding: { pooling: "mean" } },
  max_concurrent_requests: 512,
  max_input_length: 256,
  max_batch_tokens: 16384,
  max_batch_requests: null,
  max_client_batch_size: 32,
  auto_truncate: true,
  tokenization_workers: 2,
  version: "1.8.3",
  sha: null,
  docker_label: null,
};

export const embeddingInfo = teiInfo;

export const sentimentInfo = {
  ...teiInfo,
  model_id: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
  model_type: {
    classifier: {
      id2label: { "1": "POSITIVE", "0": "NEGATIVE" },
      label2id: { NEGATIVE: 0, POSITIVE: 1 },
    },
  },
};

export const entailmentInfo = {
  ...teiInfo,
  model_id: "cross-encoder/nli-deberta-v3-xsmall",
  max_client_batch_size: 2,
  model_type: {
    classifier: {
      id2label: { "0": "contradiction", "1": "entailment", "2": "neutral" },
      label2id: { contradiction: 0, entailment: 1, neutral: 2 },
    },
  },
};

export const rerankerInfo = {
  ...teiInfo,
  model_id: "BAAI/bge-reranker-base",
  model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
};

/** `/info` of Text Generation Inference, as its sources of 2026-01-08 write it. */
export const generationInfo = {
  model_id: "HuggingFaceTB/SmolLM2-135M-Instruct",
  model_sha: "12fd25f77366fa6b3b4b768ec3050bf629380bac",
  model_pipeline_tag: "text-generation",
  max_concurrent_requests: 128,
  max_best_of: 2,
  max_stop_sequences: 4,
  max_input_tokens: 1023,
  max_total_tokens: 2048,
  validation_workers: 2,
  max_client_batch_size: 4,
  router: "text-generation-router",
  version: "3.3.7",
  sha: null,
  docker_label: null,
};

/** `/v1/models` of Inference Providers. */
export const routerModels = {
  object: "list",
  data: [
    {
      id: "Qwen/Qwen3-8B",
      object: "model",
      owned_by: "Qwen",
      architecture: { input_modalities: ["text"], output_modalities: ["text"] },
      providers: [
        { provider: "nscale", status: "live", context_length: 40960, supports_tools: true },
        { provider: "featherless-ai", status: "live", context_length: 32768 },
      ],
    },
    {
      id: "openai/gpt-oss-20b",
      object: "model",
      providers: [{ provider: "groq", status: "live" }],
    },
  ],
};
