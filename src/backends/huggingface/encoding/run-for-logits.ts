import type { LoadedModel } from "../models/load-model.ts";
import type { Runtime } from "../runtime.ts";
import { unable } from "../unable.ts";
import { encode } from "./encode.ts";
import { runBatches } from "./run-batches.ts";

/** What a classifier gives for each input, one number a label. */
export const runForLogits: Runtime<LoadedModel>["judge"] = async (
  { model, signal },
  inputs,
  { progress },
) => {
  const encodings = await encode(model, inputs, signal);
  const all: number[][] = [];
  await runBatches(model, encodings, { signal, progress }, ({ tensors, rows }) => {
    const { logits } = tensors;
    if (logits === undefined) throw unable(model, "classify", "its ONNX file gives no logits");
    const values = logits.to("float32").data as Float32Array;
    const count = logits.dims.at(-1) ?? 0;
    for (const { row, input } of rows)
      all[input] = Array.from(values.subarray(row * count, (row + 1) * count));
  });
  return { logits: all, inputTokens: encodings.reduce((sum, { ids }) => sum + ids.length, 0) };
};
