import type { Progress } from "../../../contract/progress.ts";
import type { Encoding } from "./encode.ts";
import type { Tensor } from "../library.ts";
import { computing } from "./computing.ts";
import type { LoadedModel } from "../models/load-model.ts";
import { batchLimits, sortByLength, takeBatch } from "./take-batch.ts";

/** What a network gave for one batch. */
export interface BatchOutput {
  /** By the names in the ONNX file. */
  tensors: Readonly<Record<string, Tensor>>;
  /** The row's place in the tensors and the input that it belongs to. */
  rows: readonly { row: number; input: number; length: number }[];
  /** To which length the rows are padded. */
  paddedLength: number;
}

interface BatchContext {
  signal: AbortSignal;
  progress(event: Progress): void;
}

const progressMs = 250;

/**
 * Runs all inputs through the network, those of like length together. The runtime computes on this thread, and lets the event loop
 * turn once before each batch: a cancel is heard there.
 */
export async function runBatches(
  model: LoadedModel,
  encodings: readonly Encoding[],
  { signal, progress }: BatchContext,
  onBatch: (output: BatchOutput) => void,
): Promise<void> {
  const order = sortByLength(encodings.map(({ ids }) => ids.length));
  const sorted = order.map((index) => encodings[index]!);
  const lengths = sorted.map(({ ids }) => ids.length);
  const totalTokens = lengths.reduce((sum, length) => sum + length, 0);
  let doneTokens = 0;
  let told = performance.now();
  for (let start = 0; start < sorted.length;) {
    const count = takeBatch(lengths, start, batchLimits(model.pace.perTokenMs));
    const batch = sorted.slice(start, start + count);
    const paddedLength = lengths[start + count - 1]!;
    const inputs = toTensors(model, batch, paddedLength);
    const begun = performance.now();
    const tensors = (await computing(model, () => model.network(inputs))) as Record<string, Tensor>;
    const perTokenMs = (performance.now() - begun) / (count * paddedLength);
    model.pace.perTokenMs = smooth(model.pace.perTokenMs, perTokenMs);
    signal.throwIfAborted();
    const rows = batch.map(({ ids }, row) => ({
      row,
      input: order[start + row]!,
      length: ids.length,
    }));
    onBatch({ tensors, rows, paddedLength });
    for (const { length } of rows) doneTokens += length;
    start += count;
    if (performance.now() - told >= progressMs && start < sorted.length) {
      told = performance.now();
      progress({ phase: "prompt", doneTokens, totalTokens });
    }
  }
}

/** A single slow run, such as the first, must not make batches small for long. */
function smooth(before: number | undefined, measured: number): number {
  return before === undefined ? measured : before * 0.7 + measured * 0.3;
}

function toTensors(
  { library, tokenizer }: LoadedModel,
  batch: readonly Encoding[],
  length: number,
): Record<string, Tensor> {
  const size = batch.length * length;
  const padding = BigInt(tokenizer.pad_token_id ?? 0);
  const ids = new BigInt64Array(size).fill(padding);
  const mask = new BigInt64Array(size);
  const types = new BigInt64Array(size);
  for (const [row, encoding] of batch.entries()) {
    const offset = row * length;
    for (let at = 0; at < encoding.ids.length; at++) {
      ids[offset + at] = BigInt(encoding.ids[at]!);
      mask[offset + at] = 1n;
      if (encoding.types !== undefined) types[offset + at] = BigInt(encoding.types[at]!);
    }
  }
  const tensor = (data: BigInt64Array) => new library.Tensor("int64", data, [batch.length, length]);
  return {
    input_ids: tensor(ids),
    attention_mask: tensor(mask),
    token_type_ids: tensor(types),
  };
}
