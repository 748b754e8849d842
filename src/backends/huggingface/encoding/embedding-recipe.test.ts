import { expect, it } from "vitest";
import { embeddingRecipe } from "./embedding-recipe.ts";
import type { ModelFolder } from "../models/model-folder.ts";

function recipeOf(hubName: string, more: Partial<ModelFolder> = {}) {
  return embeddingRecipe({
    name: hubName,
    hubName,
    path: "",
    config: {},
    weights: new Map(),
    ...more,
  });
}

it.each<[string, string, { query: string; document: string; neutral: string }]>([
  ["Xenova/all-MiniLM-L6-v2", "mean", { query: "", document: "", neutral: "" }],
  [
    "Xenova/multilingual-e5-small",
    "mean",
    { query: "query: ", document: "passage: ", neutral: "query: " },
  ],
  [
    "intfloat/multilingual-e5-large-instruct",
    "mean",
    { query: expect.stringMatching(/^Instruct: .*\nQuery: $/), document: "", neutral: "" },
  ],
  [
    "Xenova/bge-small-en-v1.5",
    "cls",
    { query: expect.stringMatching(/^Represent /), document: "", neutral: "" },
  ],
  ["Xenova/bge-m3", "cls", { query: "", document: "", neutral: "" }],
  [
    "nomic-ai/nomic-embed-text-v1.5",
    "mean",
    { query: "search_query: ", document: "search_document: ", neutral: "search_document: " },
  ],
  [
    "onnx-community/Qwen3-Embedding-0.6B-ONNX",
    "last",
    { query: expect.stringMatching(/Query:$/), document: "", neutral: "" },
  ],
  [
    "onnx-community/embeddinggemma-300m-ONNX",
    "mean",
    {
      query: "task: search result | query: ",
      document: "title: none | text: ",
      neutral: "task: sentence similarity | query: ",
    },
  ],
])("knows what %s wants", (name, pooling, prefixes) => {
  expect(recipeOf(name)).toMatchObject({ pooling, prefixes });
});

it.each<[NonNullable<ModelFolder["pooling"]>, string | undefined]>([
  [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, "cls"],
  [{ pooling_mode_mean_sqrt_len_tokens: true }, "mean"],
  [{ pooling_mode_lasttoken: true }, "last"],
  [{ pooling_mode: "weightedmean" }, "weighted-mean"],
  [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }, undefined],
  [{ pooling_mode: "of a later day" }, undefined],
])("pools as the folder says: %j", (pooling, expected) => {
  expect(recipeOf("Xenova/bge-small-en-v1.5", { pooling }).pooling).toBe(expected);
});

it("believes a folder's prompts rather than the name", () => {
  const sentenceTransformers = {
    prompts: { query: "Q: ", passage: "P: ", other: "O: " },
    default_prompt_name: "other",
  };
  expect(recipeOf("x/e5-small", { sentenceTransformers }).prefixes).toEqual({
    query: "Q: ",
    document: "P: ",
    neutral: "O: ",
  });
  const empty = { prompts: { query: "", document: "" } };
  expect(recipeOf("x/e5-small", { sentenceTransformers: empty }).prefixes.query).toBe("query: ");
});

it("shortens only what was trained for it", () => {
  expect(recipeOf("Xenova/all-MiniLM-L6-v2").fewestDimensions).toBeUndefined();
  expect(recipeOf("nomic-ai/nomic-embed-text-v1.5")).toMatchObject({
    fewestDimensions: 64,
    layerNormBeforeShortening: true,
  });
  const config = { matryoshka_dimensions: [1024, 256, 512] };
  expect(recipeOf("someone/some-model", { config }).fewestDimensions).toBe(256);
});

it("sees what a pooling leaves out, and a layer that lies elsewhere", () => {
  const modules = [{ type: "sentence_transformers.models.Dense", path: "2_Dense" }];
  const pooling = { pooling_mode_mean_tokens: true, include_prompt: false };
  expect(recipeOf("hkunlp/instructor-large", { modules, pooling })).toMatchObject({
    hasDense: true,
    poolsPrefix: false,
  });
});
