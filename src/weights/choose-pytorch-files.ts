import { ModelyardError } from "../contract/errors.ts";
import { pytorchWeights } from "./weights-form.ts";

/** What stands beside the weights: configuration, vocabulary, template, and the further steps of a sentence-transformer. */
const besides = /^(\d+_\w+\/)?[\w.-]+\.(json|jinja|txt|model)$/;
const laterSteps = /^\d+_\w+\/(model\.safetensors|pytorch_model\.bin)$/;

/**
 * The files of a repository that running its model in Python takes: the weights first, `config.json` last, as a folder with it counts as whole.
 * @throws ModelyardError `download-failed` where it holds no such weights.
 */
export function choosePytorchFiles(repository: string, names: readonly string[]): string[] {
  const all = names.filter((name) => pytorchWeights.test(name));
  const safetensors = all.filter((name) => name.endsWith(".safetensors"));
  const weights = safetensors.length > 0 ? safetensors : all;
  if (weights.length === 0 || !names.includes("config.json")) {
    throw new ModelyardError(
      "download-failed",
      `${repository} has no weights that Python's transformers read (config.json and model.safetensors or pytorch_model.bin).`,
      { remedy: "Look for the repository that its quantized or converted forms were made from." },
    );
  }
  // A step's weights lie there in both formats.
  const steps = names.filter(
    (name) =>
      laterSteps.test(name) &&
      !(
        name.endsWith(".bin") &&
        names.includes(name.replace("pytorch_model.bin", "model.safetensors"))
      ),
  );
  const rest = names.filter((name) => besides.test(name) && name !== "config.json");
  return [...weights, ...steps, ...rest, "config.json"];
}
