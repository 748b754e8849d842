/** How a server that speaks OpenAI's API differs from the plain one. Data alone: what it means is read in one place each. */
export interface Profile {
  /** As a configuration names it: `vllm`. */
  readonly name: string;
  /** As people call it: `vLLM`. */
  readonly title: string;
  /** Where it is, for a service in the cloud; a server has to be told. */
  readonly baseUrl?: string;
  /** Stands after a `baseUrl` without a path. */
  readonly basePath: string;
  /** The header that `apiKey` is sent in; left out: `Authorization: Bearer`. */
  readonly keyHeader?: string;
  /** What it offers: paths after the base, left out where it has none. One that begins with a slash stands beside `/v1`, not under it. */
  readonly paths: {
    readonly chat: string;
    readonly completion?: string;
    readonly embedding?: string;
    readonly models?: string;
    /** In the words of Jina and Cohere. */
    readonly rerank?: string;
  };
  /** Whether any model's name is worth a try, one that it does not list too: services list no aliases, some servers ignore the name. */
  readonly openNames: boolean;
  /** What costs nothing and answers while it lives, from the root of its address; its list of models where left out. */
  readonly health?: string;
  /** Where it tells what its model can do, from the root of its address: one that does not tell ignores what it can't do. */
  readonly abilities?: string;
  /** Whether a request for vectors of nothing, which costs nothing, tells by 501 that it gives none. */
  readonly tellsEmbedding: boolean;
  readonly maxTokens: "max_tokens" | "max_completion_tokens";
  /** Whether it tells what a stream cost when it is asked with `stream_options`. */
  readonly streamUsage: boolean;
  /** How it wants a schema: as OpenAI, as TGI's `value`, or not at all, plain JSON alone. */
  readonly responseFormat: "openai" | "tgi" | "json";
  /** How it is told how much to think: by OpenAI's field, or by what its chat templates look at. */
  readonly reasoningEffort: "reasoning_effort" | "chat_template_kwargs";
  /** Whether it holds answers to a schema by llama.cpp's grammar, which ignores some keywords in silence. */
  readonly llamaGrammar: boolean;
  /** The field of an assistant's message that earlier reasoning goes back in; left out: it is not sent. */
  readonly reasoningHistory?: "reasoning" | "reasoning_content";
  /** Parameters that it is known to refuse: dropped, and told. By their names on the wire. */
  readonly refuses: readonly string[];
  readonly embedding: {
    /** The most inputs in one request. */
    readonly maxInputs: number;
    /** Sent as `encoding_format`; nothing where undefined. */
    readonly encoding: "float" | "base64" | undefined;
    /** How it is told what a text is for. */
    readonly purpose?: {
      readonly field: string;
      readonly query: string;
      readonly document: string;
    };
  };
  /** Its native routes for classification, tried in this order. */
  readonly classify: readonly ClassifyRoute[];
  /** The most alternatives that it gives for a token; 0 where it gives none. */
  readonly topLogprobs: number;
  /** Where it usually listens on this device. */
  readonly ports: readonly number[];
  readonly recognise: Recognition;
}

export type ClassifyRoute =
  /** OpenAI's Decisions API. */
  | "decisions"
  /** `/systemone`, the same idea in other words. */
  | "systemone"
  /** A classifier's own labels, in vLLM's words: at the root, or under the base. */
  | "/classify"
  | "classify";

/** How a server gives itself away. */
export interface Recognition {
  /** The names of a service. */
  readonly hosts?: RegExp;
  /** What the models in its list are owned by. */
  readonly ownedBy?: RegExp;
  /** What only it answers, from the root of its address. */
  readonly probe?: { readonly path: string; matches(body: unknown, status: number): boolean };
}

/** What is known of a server that is not known. */
export const plainProfile: Profile = {
  name: "plain",
  title: "any other server",
  basePath: "/v1",
  paths: {
    chat: "chat/completions",
    completion: "completions",
    embedding: "embeddings",
    models: "models",
  },
  openNames: false,
  tellsEmbedding: false,
  maxTokens: "max_tokens",
  streamUsage: true,
  responseFormat: "openai",
  reasoningEffort: "reasoning_effort",
  llamaGrammar: false,
  refuses: [],
  embedding: { maxInputs: 2048, encoding: "float" },
  classify: [],
  topLogprobs: 20,
  ports: [],
  recognise: {},
};

/** What a profile says beside its name; the rest is as with any server. */
export type ProfileDifferences = Partial<Omit<Profile, "paths" | "embedding">> & {
  readonly name: string;
  readonly title: string;
  readonly paths?: Partial<{ readonly [Name in keyof Profile["paths"]]: string | undefined }>;
  readonly embedding?: Partial<Profile["embedding"]>;
};

/** A profile from its differences to the plain one. */
export function toProfile({ paths, embedding, ...differences }: ProfileDifferences): Profile {
  const all = { ...plainProfile.paths, ...paths };
  const given = Object.entries(all).filter(([, path]) => path !== undefined);
  return {
    ...plainProfile,
    ...differences,
    paths: Object.fromEntries(given) as unknown as Profile["paths"],
    embedding: { ...plainProfile.embedding, ...embedding },
  };
}
