/** What a family of embedding models wants, where its folder does not say so. */
export interface EmbeddingFamily {
  /** Matches the model's name without its owner, in lower case. */
  readonly pattern: RegExp;
  readonly pooling?: "mean" | "cls" | "last";
  /** Put before a text, by what the text is for. `neutral` where nobody says; nothing where left out. */
  readonly prefixes?: {
    readonly query?: string;
    readonly document?: string;
    readonly neutral?: string;
  };
  /** Trained so that the first numbers of a vector are a vector themselves; down to this many. */
  readonly fewestDimensions?: number;
  /** The whole vector is brought to mean 0 and variance 1 before it is shortened. */
  readonly layerNormBeforeShortening?: boolean;
}

const searchQuery = "Represent this sentence for searching relevant passages: ";
const instructedQuery =
  "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ";

/** The first that matches holds. Sources: the models' own cards at the hub. */
export const embeddingFamilies: readonly EmbeddingFamily[] = [
  {
    pattern: /e5-.*instruct/,
    pooling: "mean",
    prefixes: { query: instructedQuery },
  },
  {
    // Every text wants a prefix; "query: " is the one for texts that are compared among each other.
    pattern: /(^|-)e5-(small|base|large)/,
    pooling: "mean",
    prefixes: { query: "query: ", document: "passage: ", neutral: "query: " },
  },
  { pattern: /bge-m3/, pooling: "cls" },
  {
    pattern: /bge-(small|base|large)-zh/,
    pooling: "cls",
    prefixes: { query: "为这个句子生成表示以用于检索相关文章：" },
  },
  { pattern: /bge-(small|base|large)-en/, pooling: "cls", prefixes: { query: searchQuery } },
  {
    pattern: /nomic-embed-text-v1\.5/,
    pooling: "mean",
    prefixes: {
      query: "search_query: ",
      document: "search_document: ",
      neutral: "search_document: ",
    },
    fewestDimensions: 64,
    layerNormBeforeShortening: true,
  },
  {
    pattern: /nomic-embed-text/,
    pooling: "mean",
    prefixes: {
      query: "search_query: ",
      document: "search_document: ",
      neutral: "search_document: ",
    },
  },
  {
    pattern: /mxbai-embed-large/,
    pooling: "cls",
    prefixes: { query: searchQuery },
    fewestDimensions: 64,
  },
  {
    pattern: /arctic-embed-.*v2/,
    pooling: "cls",
    prefixes: { query: "query: " },
    fewestDimensions: 256,
  },
  {
    pattern: /arctic-embed-m-v1\.5/,
    pooling: "cls",
    prefixes: { query: searchQuery },
    fewestDimensions: 256,
  },
  { pattern: /arctic-embed/, pooling: "cls", prefixes: { query: searchQuery } },
  {
    pattern: /embeddinggemma/,
    pooling: "mean",
    prefixes: {
      query: "task: search result | query: ",
      document: "title: none | text: ",
      neutral: "task: sentence similarity | query: ",
    },
    fewestDimensions: 128,
  },
  {
    pattern: /qwen3-embedding/,
    pooling: "last",
    prefixes: { query: instructedQuery.trimEnd() },
    fewestDimensions: 32,
  },
  { pattern: /gte-(small|base|large)$/, pooling: "mean" },
  { pattern: /gte-.*(v1\.5|modernbert)/, pooling: "cls" },
  { pattern: /jina-embeddings-v2/, pooling: "mean" },
];

/** What is known of a model by its name at the hub. */
export function familyOf(name: string): EmbeddingFamily | undefined {
  const bare = (name.split("/").at(-1) ?? name).toLowerCase();
  return embeddingFamilies.find(({ pattern }) => pattern.test(bare));
}
