import type { Capability } from "../../../contract/backend.ts";
import { embeddingRecipe, type EmbeddingRecipe } from "../encoding/embedding-recipe.ts";
import type { ModelFolder } from "./model-folder.ts";

/** What a model is made for. */
export type Task =
  | { kind: "embedding"; recipe: EmbeddingRecipe }
  /** A trained classifier with labels of its own, by the place of each in its output. */
  | { kind: "classifier"; labels: readonly string[]; multiLabel: boolean }
  /** Judges whether one text follows from another; where in its output each judgement stands. */
  | { kind: "entailment"; entailment: number; contradiction: number | undefined }
  | { kind: "generation"; chatTemplate: string | undefined }
  /** Nothing that Modelyard can use it for. */
  | { kind: "other"; reason: string };

export interface ModelDescription {
  task: Task;
  capabilities: readonly Capability[];
  /** The longest input, in tokens. */
  contextTokens?: number;
}

/** What the files of a model's folder tell of it. */
export function describe(folder: ModelFolder): ModelDescription {
  const task = taskOf(folder);
  const contextTokens = contextOf(folder);
  return {
    task,
    capabilities: capabilitiesOf(task),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
}

function capabilitiesOf(task: Task): readonly Capability[] {
  switch (task.kind) {
    case "embedding":
      return ["embedding"];
    case "classifier":
    case "entailment":
      return ["classification"];
    case "generation":
      return task.chatTemplate === undefined ? ["completion"] : ["chat", "completion"];
    case "other":
      return [];
  }
}

function taskOf(folder: ModelFolder): Task {
  const architecture = folder.config.architectures?.[0] ?? "";
  const pools = folder.modules?.some(({ type }) => type.endsWith(".Pooling")) === true;
  if (pools) return { kind: "embedding", recipe: embeddingRecipe(folder) };
  if (architecture.endsWith("ForSequenceClassification")) return classifierOf(folder);
  if (/(ForCausalLM|LMHeadModel)$/.test(architecture)) {
    // Some embedding models are language models whose last layer is not used.
    if (/embed/i.test(folder.hubName))
      return { kind: "embedding", recipe: embeddingRecipe(folder) };
    return { kind: "generation", chatTemplate: chatTemplateOf(folder) };
  }
  if (architecture === "" || /(Model|ForMaskedLM|ForSentenceEmbedding)$/.test(architecture))
    return { kind: "embedding", recipe: embeddingRecipe(folder) };
  return { kind: "other", reason: `it is a ${architecture}` };
}

function classifierOf({ config }: ModelFolder): Task {
  const byId = Object.entries(config.id2label ?? {}).map(
    ([id, label]) => [Number(id), label] as const,
  );
  const labels = byId.toSorted(([a], [b]) => a - b).map(([, label]) => label);
  const ids = new Map([
    ...byId.map(([id, label]) => [label.toLowerCase(), id] as const),
    ...Object.entries(config.label2id ?? {}).map(
      ([label, id]) => [label.toLowerCase(), id] as const,
    ),
  ]);
  const entailment = ids.get("entailment");
  if (entailment !== undefined) {
    const contradiction = ids.get("contradiction") ?? ids.get("not_entailment");
    return { kind: "entailment", entailment, contradiction };
  }
  if (labels.length === 0 || (labels.length === 1 && labels[0] === "LABEL_0"))
    return { kind: "other", reason: "it gives one score for a pair of texts, and no labels" };
  const multiLabel = config.problem_type === "multi_label_classification" || labels.length === 1;
  return { kind: "classifier", labels, multiLabel };
}

function chatTemplateOf({ chatTemplate, tokenizer }: ModelFolder): string | undefined {
  if (chatTemplate !== undefined) return chatTemplate;
  const template = tokenizer?.chat_template ?? undefined;
  return Array.isArray(template)
    ? template.find(({ name }) => name === "default")?.template
    : template;
}

/** These count positions from the padding token's id on, and so have two fewer than they say. */
const offsetPositions = /^(roberta|xlm-roberta|camembert|mpnet|longformer|xlm-roberta-xl)$/;

function contextOf({ config, tokenizer, sentenceBert }: ModelFolder): number | undefined {
  const positions =
    config.max_position_embeddings ??
    config.n_positions ??
    config.text_config?.max_position_embeddings;
  const own = offsetPositions.test(config.model_type ?? "") ? (positions ?? 0) - 2 : positions;
  const limits = [own, tokenizer?.model_max_length, sentenceBert?.max_seq_length].filter(
    // Tokenizers without a limit say 1e30.
    (limit): limit is number => limit != null && limit > 0 && limit < 1e9,
  );
  return limits.length === 0 ? undefined : Math.min(...limits);
}
