import { type Profile, type ProfileDifferences, toProfile } from "./profile.ts";

/** What services in the cloud have in common: a model's name is theirs to judge, for they list no aliases. */
const service = { openNames: true };
const noEmbedding = { embedding: undefined };
const chatAlone = { completion: undefined, embedding: undefined };

/** Services. Facts from their documentation of autumn 2026. */
const differences: readonly ProfileDifferences[] = [
  {
    name: "openai",
    title: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    maxTokens: "max_completion_tokens",
    paths: { completion: undefined }, // its chat models have no /completions
    classify: ["decisions"],
    recognise: { hosts: /^(\w+\.)?api\.openai\.com$/ },
  },
  {
    name: "azure",
    title: "Azure OpenAI",
    basePath: "/openai/v1",
    keyHeader: "api-key",
    maxTokens: "max_completion_tokens",
    paths: { completion: undefined, models: undefined }, // its list holds models, a request names a deployment
    recognise: { hosts: /\.(openai|services\.ai|cognitiveservices)\.azure\.com$/ },
  },
  {
    name: "mistral",
    title: "Mistral",
    baseUrl: "https://api.mistral.ai/v1",
    paths: { completion: undefined },
    streamUsage: false, // it tells of itself, and refuses the question
    refuses: ["logprobs", "top_logprobs"],
    topLogprobs: 0,
    recognise: { hosts: /(^|\.)api\.mistral\.ai$/ },
  },
  {
    name: "groq",
    title: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    basePath: "/openai/v1",
    paths: chatAlone,
    maxTokens: "max_completion_tokens",
    reasoningHistory: "reasoning",
    refuses: ["logprobs", "top_logprobs", "logit_bias"],
    topLogprobs: 0,
    recognise: { hosts: /(^|\.)api\.groq\.com$/ },
  },
  {
    name: "together",
    title: "Together",
    paths: { rerank: "rerank" },
    baseUrl: "https://api.together.ai/v1",
    reasoningHistory: "reasoning",
    topLogprobs: 5,
    recognise: { hosts: /(^|\.)api\.together\.(ai|xyz)$/ },
  },
  {
    name: "openrouter",
    title: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    basePath: "/api/v1",
    reasoningHistory: "reasoning",
    recognise: { hosts: /(^|\.)openrouter\.ai$/ },
  },
  {
    name: "deepseek",
    title: "DeepSeek",
    baseUrl: "https://api.deepseek.com/v1",
    paths: chatAlone,
    responseFormat: "json",
    recognise: { hosts: /(^|\.)api\.deepseek\.com$/ },
  },
  {
    name: "fireworks",
    title: "Fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    basePath: "/inference/v1",
    reasoningHistory: "reasoning_content",
    classify: ["decisions"],
    topLogprobs: 5,
    recognise: { hosts: /(^|\.)api\.fireworks\.ai$/ },
  },
  {
    name: "gemini",
    title: "Gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    basePath: "/v1beta/openai",
    paths: { completion: undefined },
    refuses: ["seed", "logprobs", "top_logprobs"],
    embedding: { maxInputs: 100 },
    topLogprobs: 0,
    recognise: { hosts: /^generativelanguage\.googleapis\.com$/ },
  },
  {
    name: "xai",
    title: "xAI",
    baseUrl: "https://api.x.ai/v1",
    topLogprobs: 8,
    paths: noEmbedding,
    recognise: { hosts: /(^|\.)api\.x\.ai$/ },
  },
  {
    name: "perplexity",
    title: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    basePath: "",
    paths: { ...chatAlone, models: undefined },
    refuses: ["seed", "stop"],
    topLogprobs: 0,
    recognise: { hosts: /(^|\.)api\.perplexity\.ai$/ },
  },
  {
    name: "cerebras",
    title: "Cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    paths: noEmbedding,
    maxTokens: "max_completion_tokens",
    recognise: { hosts: /(^|\.)api\.cerebras\.ai$/ },
  },
  {
    name: "nvidia",
    title: "NVIDIA NIM",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    embedding: { purpose: { field: "input_type", query: "query", document: "passage" } },
    recognise: { hosts: /(^|\.)api\.nvidia\.com$/ },
  },
];

export const clouds: readonly Profile[] = differences.map((each) =>
  toProfile({ ...service, ...each }),
);
