import { join } from "node:path";
import { ModelyardError } from "../contract/errors.ts";
import { formsIn, type OnnxForm, onnxSuffixes } from "./weights-form.ts";

const descriptions = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "preprocessor_config.json",
  "chat_template.jinja",
  "modules.json",
  "sentence_bert_config.json",
  "config_sentence_transformers.json",
  "1_Pooling/config.json",
  // The last: a folder with it counts as a model, so one that was interrupted does not.
  "config.json",
];

// The most sensible for a processor first: 8 bits, then what else there is.
const preference: readonly OnnxForm[] = [
  "q8",
  "int8",
  "uint8",
  "q4",
  "q4f16",
  "fp16",
  "fp32",
  "bnb4",
  "q2",
  "q2f16",
  "q1",
  "q1f16",
];

/**
 * The files of a repository that running its ONNX model takes: one form of the weights, first, with its outside data; tokenizer and
 * configuration.
 * @throws ModelyardError `download-failed` where it holds no such model, or not in the form that is asked for, with what it holds instead.
 */
export function chooseOnnxFiles(
  repository: string,
  names: readonly string[],
  { local = false, form }: { local?: boolean; form?: OnnxForm | undefined } = {},
): string[] {
  const all = new Set(names);
  const here = formsIn(names);
  const chosen = preference.find((each) => here.includes(each));
  if (chosen === undefined || !all.has("config.json")) throw noModel(repository, names, local);
  if (form !== undefined && !here.includes(form)) {
    throw new ModelyardError("download-failed", `${repository} is not there as ${form}.`, {
      remedy: `Set "dtype" to one that is: ${preference.filter((each) => here.includes(each)).join(", ")}.`,
    });
  }
  const weights = `onnx/model${onnxSuffixes[form ?? chosen]}.onnx`;
  const data = names.filter((name) => name.startsWith(`${weights}_data`));
  return [weights, ...data, ...descriptions.filter((name) => all.has(name))];
}

function noModel(repository: string, names: readonly string[], local: boolean): ModelyardError {
  const ggufs = names.filter((name) => /\.gguf$/i.test(name));
  const holds =
    ggufs.length === 0
      ? ""
      : ` It holds ${ggufs.length} GGUF ${ggufs.length === 1 ? "file" : "files"}.`;
  return new ModelyardError(
    "download-failed",
    `${repository} has no ONNX model (config.json and onnx/model….onnx).${holds}`,
    {
      remedy:
        ggufs.length === 0
          ? local
            ? "Give the path of a GGUF file, or of the folder of an ONNX model."
            : "Look for a repository with an onnx folder, such as those of onnx-community or Xenova."
          : `Name one of its files: ${ggufs
              .slice(0, 8)
              .map((name) => (local ? join(repository, name) : `hf:${repository}/${name}`))
              .join(", ")}.`,
      details: { files: ggufs },
    },
  );
}
