import type { Progress } from "../../../contract/progress.ts";
import type { Tensor, TransformersLibrary } from "../library.ts";
import { computing } from "../encoding/computing.ts";
import type { LoadedModel } from "../models/load-model.ts";

interface ReadingContext {
  signal: AbortSignal;
  progress(event: Progress): void;
}

/** Reads tokens one after another and gives the scores of the next. The library's own loop can neither wait for a slow reader nor be stopped within a prompt. */
export interface Reader {
  /** @throws the signal's reason, between two runs of the network. */
  read(ids: readonly number[]): Promise<Float32Array>;
}

/** The prompt is read in pieces, between which a cancel is heard. */
const firstPiece = 64;
const smallestPiece = 16;
const longestPieceMs = 250;

/** What the network has to be given again with the next tokens, by the names under which it takes it. */
function kept(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => name.startsWith("present"))
      .map(([name, tensor]) => [
        name.startsWith("present_")
          ? name.replace("present_", "past_")
          : name.replace("present", "past_key_values"),
        tensor,
      ]),
  );
}

/** Makes a reader for one answer; it has read nothing yet. */
export function createReader(model: LoadedModel, { signal, progress }: ReadingContext): Reader {
  let cache: InstanceType<TransformersLibrary["DynamicCache"]> | undefined;
  let done = 0;

  /** Runs the network on a piece. */
  async function run(ids: readonly number[]): Promise<Float32Array> {
    const { library, network } = model;
    const total = done + ids.length;
    const prepared = network.prepare_inputs_for_generation(
      null,
      {
        input_ids: new library.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
        attention_mask: new library.Tensor("int64", new BigInt64Array(total).fill(1n), [1, total]),
        ...(cache !== undefined && { past_key_values: cache }),
      },
      {},
    ) as Record<string, unknown>;
    const outputs = (await computing(model, () => network.forward(prepared))) as Record<
      string,
      Tensor
    >;
    cache = new library.DynamicCache(kept(outputs));
    done = total;
    const logits = outputs["logits"]!.to("float32");
    const size = logits.dims.at(-1) ?? 0;
    return (logits.data as Float32Array).slice(-size);
  }

  return {
    async read(ids) {
      const start = done;
      let logits: Float32Array = new Float32Array();
      let piece = firstPiece;
      for (let at = 0; at < ids.length;) {
        signal.throwIfAborted();
        const part = ids.slice(at, at + piece);
        const begun = performance.now();
        logits = await run(part);
        const perTokenMs = (performance.now() - begun) / part.length;
        piece = Math.max(smallestPiece, Math.floor(longestPieceMs / perTokenMs));
        at += part.length;
        if (ids.length > 1)
          progress({ phase: "prompt", doneTokens: start + at, totalTokens: start + ids.length });
      }
      signal.throwIfAborted();
      return logits;
    },
  };
}
