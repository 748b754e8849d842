import { describe as group, expect, it } from "vitest";
import { describe } from "./describe.ts";
import type { ModelFolder } from "./model-folder.ts";

/** A folder that says this, and nothing else. */
function folder(
  config: Partial<ModelFolder["config"]>,
  more: Partial<ModelFolder> = {},
): ModelFolder {
  const name = more.hubName ?? "someone/some-model";
  return { name, hubName: name, path: "", weights: new Map(), ...more, config };
}

const pooling = [{ type: "sentence_transformers.models.Pooling", path: "1_Pooling" }];

group("what a model can do", () => {
  it.each<[string, ModelFolder, string, string[]]>([
    ["an encoder", folder({ architectures: ["BertModel"] }), "embedding", ["embedding"]],
    ["one without a word on it", folder({}), "embedding", ["embedding"]],
    [
      "a language model with a pooling step",
      folder({ architectures: ["Qwen3ForCausalLM"] }, { modules: pooling }),
      "embedding",
      ["embedding"],
    ],
    [
      "a language model that is called so",
      folder(
        { architectures: ["Qwen3ForCausalLM"] },
        { hubName: "onnx-community/Qwen3-Embedding-0.6B" },
      ),
      "embedding",
      ["embedding"],
    ],
    [
      "a classifier",
      folder({
        architectures: ["DistilBertForSequenceClassification"],
        id2label: { "0": "NEGATIVE", "1": "POSITIVE" },
      }),
      "classifier",
      ["classification"],
    ],
    [
      "an NLI model",
      folder({
        architectures: ["BertForSequenceClassification"],
        label2id: { Contradiction: 0, Neutral: 1, Entailment: 2 },
      }),
      "entailment",
      ["classification"],
    ],
    [
      "a reranker",
      folder({ architectures: ["BertForSequenceClassification"], id2label: { "0": "LABEL_0" } }),
      "other",
      [],
    ],
    [
      "a chat model",
      folder({ architectures: ["LlamaForCausalLM"] }, { tokenizer: { chat_template: "{{x}}" } }),
      "generation",
      ["chat", "completion"],
    ],
    [
      "a chat model whose template has a file of its own",
      folder({ architectures: ["LlamaForCausalLM"] }, { chatTemplate: "{{x}}" }),
      "generation",
      ["chat", "completion"],
    ],
    ["a base model", folder({ architectures: ["GPT2LMHeadModel"] }), "generation", ["completion"]],
    ["speech", folder({ architectures: ["WhisperForConditionalGeneration"] }), "other", []],
  ])("%s", (_, given, kind, capabilities) => {
    expect(describe(given)).toMatchObject({ task: { kind }, capabilities });
  });

  it("puts labels in the order of the output", () => {
    const { task } = describe(
      folder({
        architectures: ["RobertaForSequenceClassification"],
        id2label: { "10": "k", "2": "c", "0": "a" },
        problem_type: "multi_label_classification",
      }),
    );
    expect(task).toEqual({ kind: "classifier", labels: ["a", "c", "k"], multiLabel: true });
  });

  it("takes not_entailment for contradiction", () => {
    const { task } = describe(
      folder({
        architectures: ["DebertaV2ForSequenceClassification"],
        id2label: { "0": "entailment", "1": "not_entailment" },
      }),
    );
    expect(task).toEqual({ kind: "entailment", entailment: 0, contradiction: 1 });
  });
});

group("the longest input", () => {
  it.each<[string, ModelFolder, number | undefined]>([
    ["of the positions", folder({ max_position_embeddings: 512 }), 512],
    [
      "without the two that some reserve",
      folder({ max_position_embeddings: 514, model_type: "xlm-roberta" }),
      512,
    ],
    [
      "of sentence-transformers, where that is less",
      folder({ max_position_embeddings: 512 }, { sentenceBert: { max_seq_length: 256 } }),
      256,
    ],
    [
      "not of a tokenizer without a limit",
      folder({ n_positions: 1024 }, { tokenizer: { model_max_length: 1e30 } }),
      1024,
    ],
    ["unknown", folder({}), undefined],
  ])("%s", (_, given, contextTokens) => {
    expect(describe(given).contextTokens).toBe(contextTokens);
  });
});
