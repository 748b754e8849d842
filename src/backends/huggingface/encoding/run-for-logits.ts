import type { Progress } from "../../../contract/progress.ts";
import type { Encoding } from "./encode.ts";
import type { LoadedModel } from "../models/load-model.ts";
import { runBatches } from "./run-batches.ts";
import { unable } from "../unable.ts";

/** What a classifier gives for each input, one number a label. */
export async function runForLogits(
  model: LoadedModel,
  encodings: readonly Encoding[],
  context: { signal: AbortSignal; progress(event: Progress): void },
): Promise<number[][]> {
  const all: number[][] = [];
  await runBatches(model, encodings, context, ({ tensors, rows }) => {
    const { logits } = tensors;
    if (logits === undefined) throw unable(model, "classify", "its ONNX file gives no logits");
    const values = logits.to("float32").data as Float32Array;
    const count = logits.dims.at(-1) ?? 0;
    for (const { row, input } of rows)
      all[input] = Array.from(values.subarray(row * count, (row + 1) * count));
  });
  return all;
}
