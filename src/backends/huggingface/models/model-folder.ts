import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ModelyardError } from "../../../contract/errors.ts";
import { callableName } from "../../../weights/stored-model.ts";

const labels = z.record(z.string(), z.string());

/** What we read of `config.json`. */
const modelConfig = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  model_type: z.string().optional(),
  id2label: labels.nullish(),
  label2id: z.record(z.string(), z.number()).nullish(),
  problem_type: z.string().nullish(),
  max_position_embeddings: z.number().nullish(),
  n_positions: z.number().nullish(),
  is_matryoshka: z.boolean().nullish(),
  matryoshka_dimensions: z.array(z.number()).nullish(),
  text_config: z.looseObject({ max_position_embeddings: z.number().nullish() }).nullish(),
});

const tokenizerConfig = z.looseObject({
  model_max_length: z.number().nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  add_bos_token: z.boolean().nullish(),
});

const generationConfig = z.looseObject({
  eos_token_id: z.union([z.number(), z.array(z.number())]).nullish(),
  do_sample: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
});

/** `modules.json` of sentence-transformers: the steps from a text to its vector. */
const modules = z.array(z.looseObject({ type: z.string(), path: z.string() }));
const sentenceBert = z.looseObject({ max_seq_length: z.number().nullish() });
const sentenceTransformers = z.looseObject({
  prompts: z.record(z.string(), z.string()).nullish(),
  default_prompt_name: z.string().nullish(),
});

/** `1_Pooling/config.json`: `pooling_mode_…` flags, in later versions the mode's name. */
const pooling = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).nullish(),
  include_prompt: z.boolean().nullish(),
});

/** What a model's folder says of the model, unread where it says nothing. */
export interface ModelFolder {
  /** By which it is asked for. */
  readonly name: string;
  /** The model's name at the hub, as far as the folder's place tells: `Xenova/all-MiniLM-L6-v2`. */
  readonly hubName: string;
  readonly path: string;
  readonly config: z.output<typeof modelConfig>;
  readonly tokenizer?: z.output<typeof tokenizerConfig> | undefined;
  readonly generation?: z.output<typeof generationConfig> | undefined;
  readonly modules?: z.output<typeof modules> | undefined;
  readonly pooling?: z.output<typeof pooling> | undefined;
  readonly sentenceBert?: z.output<typeof sentenceBert> | undefined;
  readonly sentenceTransformers?: z.output<typeof sentenceTransformers> | undefined;
  /** Of `chat_template.jinja`, where newer models keep it. */
  readonly chatTemplate?: string | undefined;
  /** The files in `onnx/`, with their size in bytes. */
  readonly weights: ReadonlyMap<string, number>;
}

/**
 * Reads a model's folder, but not its weights.
 * @throws ModelyardError `storage-failed` where a file is missing, cannot be read or is not what it should be.
 */
export async function readModelFolder(
  path: string,
  name: string,
  hubName: string,
): Promise<ModelFolder> {
  const read = <Output>(file: string, schema: z.ZodType<Output>) =>
    readJson(join(path, file), file, schema, name);
  const [config, tokenizer, generation, steps, bert, sentence, chatTemplate, weights] =
    await Promise.all([
      read("config.json", modelConfig),
      read("tokenizer_config.json", tokenizerConfig),
      read("generation_config.json", generationConfig),
      read("modules.json", modules),
      read("sentence_bert_config.json", sentenceBert),
      read("config_sentence_transformers.json", sentenceTransformers),
      readText(join(path, "chat_template.jinja")),
      weightFiles(join(path, "onnx")),
    ]);
  if (config === undefined) throw damaged(name, "config.json is missing");
  const poolingPath = steps?.find(({ type }) => type.endsWith(".Pooling"))?.path ?? "1_Pooling";
  return {
    name,
    hubName,
    path,
    config,
    tokenizer,
    generation,
    modules: steps,
    pooling: await read(`${poolingPath}/config.json`, pooling),
    sentenceBert: bert,
    sentenceTransformers: sentence,
    chatTemplate,
    weights,
  };
}

/** A model whose files do not serve. */
export function damaged(model: string, problem: string, cause?: unknown): ModelyardError {
  const called = callableName({ name: model, engine: "huggingface" });
  return new ModelyardError("storage-failed", `The files of ${model} do not serve: ${problem}.`, {
    model,
    remedy: `Fetch it again: \`modelyard remove ${called}\`, then \`modelyard pull ${called}\`.`,
    cause,
  });
}

async function readJson<Output>(
  path: string,
  file: string,
  schema: z.ZodType<Output>,
  model: string,
): Promise<Output | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(model, `${file} is not JSON`, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw damaged(model, `${file} is not as expected at "${at}"`, parsed.error);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ModelyardError("storage-failed", `${path} could not be read.`, { cause: error });
  }
}

async function weightFiles(folder: string): Promise<Map<string, number>> {
  try {
    const names = await readdir(folder);
    const sizes = names.map(async (name) => [name, (await stat(join(folder, name))).size] as const);
    return new Map(await Promise.all(sizes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new ModelyardError("storage-failed", `${folder} could not be read.`, { cause: error });
  }
}
