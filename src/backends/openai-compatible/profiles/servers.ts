import { type Profile, type ProfileDifferences, toProfile } from "./profile.ts";
import { field, list } from "../convert/fields.ts";

/** Servers that people run themselves. Facts from their sources and documentation of autumn 2026. */
const differences: readonly ProfileDifferences[] = [
  {
    name: "llama-server",
    title: "llama.cpp server",
    health: "/health",
    abilities: "/props",
    reasoningEffort: "chat_template_kwargs",
    llamaGrammar: true,
    tellsEmbedding: true,
    reasoningHistory: "reasoning_content",
    classify: ["systemone"],
    paths: { rerank: "rerank" }, // where it is started with --rerank
    ports: [8080, 9931],
    recognise: { ownedBy: /^llamacpp$/i },
  },
  {
    name: "ollama", // on its /v1; it has a backend of its own, which knows more of it
    title: "Ollama",
    llamaGrammar: true,
    recognise: { ownedBy: /^library$/ },
  },
  {
    name: "vllm",
    title: "vLLM",
    health: "/health",
    reasoningHistory: "reasoning",
    classify: ["decisions", "/classify"],
    paths: { rerank: "rerank" },
    ports: [8000],
    recognise: { ownedBy: /^vllm$/i },
  },
  {
    name: "sglang",
    title: "SGLang",
    health: "/health", // not /health_generate, which generates
    reasoningHistory: "reasoning_content",
    classify: ["classify"],
    paths: { rerank: "rerank" },
    ports: [30_000],
    recognise: { ownedBy: /^sglang$/i },
  },
  {
    name: "lm-studio",
    title: "LM Studio",
    ports: [1234],
    recognise: {
      probe: {
        path: "/api/v0/models",
        matches: (body, status) =>
          status === 200 &&
          Array.isArray(field(body, "data")) &&
          list(field(body, "data")).every(
            (model) => field(model, "compatibility_type") !== undefined,
          ),
      },
    },
  },
  {
    name: "localai",
    title: "LocalAI",
    paths: { rerank: "rerank" },
    health: "/readyz",
    reasoningHistory: "reasoning",
    ports: [8080],
    recognise: {
      probe: {
        path: "/v1/models/capabilities",
        matches: (body, status) => status === 200 && Array.isArray(field(body, "data")),
      },
    },
  },
  {
    name: "text-generation-webui",
    title: "text-generation-webui",
    openNames: true, // it answers with what is loaded, whatever it is asked for
    health: "/v1/internal/health",
    reasoningHistory: "reasoning_content",
    ports: [5000],
    recognise: {
      probe: {
        path: "/v1/internal/model/info",
        matches: (body, status) =>
          (status === 200 && field(body, "model_name") !== undefined) ||
          (status === 401 && field(body, "detail") === "Unauthorized"),
      },
    },
  },
  {
    name: "tabbyapi",
    title: "TabbyAPI",
    health: "/health",
    ports: [5000],
    recognise: {
      ownedBy: /^tabbyapi$/i,
      probe: {
        path: "/health",
        matches: (body) => Array.isArray(field(body, "issues")),
      },
    },
  },
  {
    name: "koboldcpp",
    title: "KoboldCpp",
    openNames: true,
    health: "/api/extra/version",
    ports: [5001],
    recognise: {
      ownedBy: /^koboldcpp$/i,
      probe: {
        path: "/api/extra/version",
        matches: (body) => field(body, "result") === "KoboldCpp",
      },
    },
  },
  {
    name: "jan",
    title: "Jan",
    ports: [1337],
    recognise: {
      probe: {
        path: "/openapi.json",
        matches: (body) => /\bJan\b/.test(String(field(field(body, "info"), "title"))),
      },
    },
  },
  {
    name: "tgi",
    title: "Text Generation Inference",
    openNames: true,
    health: "/health",
    paths: { embedding: undefined },
    responseFormat: "tgi",
    topLogprobs: 5,
    recognise: {
      probe: {
        path: "/info",
        matches: (body) =>
          field(body, "max_total_tokens") !== undefined ||
          field(body, "router") === "text-generation-router",
      },
    },
  },
  {
    name: "tei",
    title: "Text Embeddings Inference",
    openNames: true,
    health: "/health",
    paths: { completion: undefined, models: undefined },
    embedding: { maxInputs: 32 },
    topLogprobs: 0,
    recognise: {
      probe: {
        path: "/info",
        matches: (body) => field(field(body, "model_type"), "embedding") !== undefined,
      },
    },
  },
];

export const servers: readonly Profile[] = differences.map(toProfile);
