import { ModelyardError } from "../../../contract/errors.ts";
import type { Dtype } from "../config.ts";
import { damaged, type ModelFolder } from "./model-folder.ts";

/** What the file of each form is called, in the order of preference: small and exact first, what a CPU is slow at last. */
const suffixes: ReadonlyMap<Dtype, string> = new Map([
  ["q8", "_quantized"],
  ["int8", "_int8"],
  ["uint8", "_uint8"],
  ["fp32", ""],
  ["q4", "_q4"],
  ["fp16", "_fp16"],
  ["q4f16", "_q4f16"],
  ["bnb4", "_bnb4"],
  ["q2", "_q2"],
  ["q2f16", "_q2f16"],
  ["q1", "_q1"],
  ["q1f16", "_q1f16"],
]);

export interface Weights {
  dtype: Dtype;
  /** With the data that lies outside of the ONNX file. */
  sizeBytes: number;
  /** How many files of data lie outside. */
  dataFiles: number;
}

/**
 * The weights to run: the form that is asked for, else the best of what is there.
 * @throws ModelyardError `storage-failed` where there are none, `model-not-found` where the form is not there.
 */
export function chooseWeights(folder: ModelFolder, wanted: Dtype | undefined): Weights {
  const here = [...suffixes].filter(([, suffix]) => folder.weights.has(`model${suffix}.onnx`));
  if (here.length === 0) throw damaged(folder.name, "there is no onnx/model….onnx");
  const chosen = wanted === undefined ? here[0] : here.find(([dtype]) => dtype === wanted);
  if (chosen === undefined) {
    const names = here.map(([dtype]) => dtype).join(", ");
    throw new ModelyardError("model-not-found", `${folder.name} is not here as ${wanted}.`, {
      model: folder.name,
      remedy: `Set "dtype" to one that is: ${names}.`,
    });
  }
  const [dtype, suffix] = chosen;
  const file = `model${suffix}.onnx`;
  const data = [...folder.weights].filter(([name]) => name.startsWith(`${file}_data`));
  return {
    dtype,
    sizeBytes: data.reduce((sum, [, bytes]) => sum + bytes, folder.weights.get(file) ?? 0),
    dataFiles: data.length,
  };
}
