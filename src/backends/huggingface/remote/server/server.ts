import type { Capability, Model } from "../../../../contract/backend.ts";

/** What answers at an address, as it describes itself. */
export type Server =
  | EmbeddingServer
  | ClassificationServer
  | RerankingServer
  | GenerationServer
  | OpenaiServer
  | ToolkitServer;

/** Text Embeddings Inference: one model, asked in batches of a size that it names. */
interface TeiServer {
  readonly kind: "tei";
  readonly model: string;
  /** The longest text that it takes, in tokens. */
  readonly contextTokens: number | undefined;
  readonly largestBatch: number;
}

export interface EmbeddingServer extends TeiServer {
  readonly task: "embedding";
}

export interface ClassificationServer extends TeiServer {
  readonly task: "classification";
  /** Its own, in the order of their numbers. */
  readonly labels: readonly string[];
}

/** It tells how well texts answer a question. */
export interface RerankingServer extends TeiServer {
  readonly task: "reranking";
}

/** Text Generation Inference. */
export interface GenerationServer {
  readonly kind: "tgi";
  readonly model: string;
  readonly contextTokens: number | undefined;
}

/** vLLM, llama.cpp and others that an endpoint may run: they speak as OpenAI does. */
export interface OpenaiServer {
  readonly kind: "openai";
  readonly models: readonly {
    readonly listed: Model;
    /** The name as the server writes it, which may be a folder. */
    readonly id: string;
  }[];
}

/** The Inference Toolkit: a pipeline of transformers, which does not say what it can do. */
export interface ToolkitServer {
  readonly kind: "toolkit";
}

/** Each server of one model answers to this name too. */
export const anyName = "default";

/** The models of a server, for lists. */
export function modelsOf(server: Server): Model[] {
  if (server.kind === "openai") {
    const alone = server.models.length === 1 ? { aliases: [anyName] } : {};
    return server.models.map((model) => ({ ...model.listed, ...alone }));
  }
  if (server.kind === "toolkit")
    return [
      {
        name: anyName,
        capabilities: ["embedding", "classification"],
        description: "The one model of an endpoint, which does not say what it can do.",
      },
    ];
  return [
    {
      name: server.model,
      aliases: [anyName],
      capabilities: capabilitiesOf(server),
      loaded: true,
      ...(server.contextTokens === undefined ? {} : { contextTokens: server.contextTokens }),
    },
  ];
}

function capabilitiesOf(server: (TeiServer & { task: string }) | GenerationServer): Capability[] {
  if (server.kind === "tgi") return ["chat", "completion"];
  if (server.task === "embedding") return ["embedding"];
  return server.task === "classification" ? ["classification"] : ["rerank"];
}

/** What a request calls a model: by the name that the server itself uses. */
export function idOf(server: OpenaiServer, name: string): string {
  const model = server.models.find(({ listed }) => listed.name === name) ?? server.models[0];
  return model?.id ?? name;
}
