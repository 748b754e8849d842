import { ModelyardError } from "../../../contract/errors.ts";
import { type OnnxForm, onnxSuffixes } from "../../../weights/weights-form.ts";
import { damaged, type ModelFolder } from "./model-folder.ts";

/** Small and exact first, what a CPU is slow at last. */
const preference: readonly OnnxForm[] = [
  "q8",
  "int8",
  "uint8",
  "fp32",
  "q4",
  "fp16",
  "q4f16",
  "bnb4",
  "q2",
  "q2f16",
  "q1",
  "q1f16",
];

export interface Weights {
  dtype: OnnxForm;
  /** With the data that lies outside of the ONNX file. */
  sizeBytes: number;
  /** How many files of data lie outside. */
  dataFiles: number;
}

/**
 * The weights to run: the form that is asked for, else the best of what is there.
 * @throws ModelyardError `storage-failed` where there are none, `model-not-found` where the form is not there.
 */
export function chooseWeights(folder: ModelFolder, wanted: OnnxForm | undefined): Weights {
  const here = preference.filter((form) => folder.weights.has(fileOf(form)));
  if (here.length === 0) throw damaged(folder.name, "there is no onnx/model….onnx");
  const chosen = wanted === undefined ? here[0] : here.find((form) => form === wanted);
  if (chosen === undefined) {
    throw new ModelyardError("model-not-found", `${folder.name} is not here as ${wanted}.`, {
      model: folder.name,
      remedy: `Set "dtype" to one that is: ${here.join(", ")}.`,
    });
  }
  const file = fileOf(chosen);
  const data = [...folder.weights].filter(([name]) => name.startsWith(`${file}_data`));
  return {
    dtype: chosen,
    sizeBytes: data.reduce((sum, [, bytes]) => sum + bytes, folder.weights.get(file) ?? 0),
    dataFiles: data.length,
  };
}

function fileOf(form: OnnxForm): string {
  return `model${onnxSuffixes[form]}.onnx`;
}
