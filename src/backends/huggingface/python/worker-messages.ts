import { z } from "zod";
import { ModelyardError } from "../../../contract/errors.ts";
import type { Sampling } from "../generation/sample.ts";
import type { JudgedInput, Turn } from "../runtime.ts";

/** What the worker is asked; worker.py reads it. */
export type WorkerRequest =
  | {
      do: "load";
      model: string;
      path: string;
      task: "embedding" | "sequence" | "generation";
      threads: number;
      /** As the weights are stored where left out. */
      dtype?: "fp32" | "fp16";
      /** The longest input, in tokens. */
      window?: number;
    }
  | { do: "unload"; model: string }
  | { do: "embed"; model: string; texts: readonly string[]; prompt: string }
  | { do: "logits"; model: string; inputs: readonly JudgedInput[] }
  | ({
      do: "generate";
      model: string;
      maxTokens?: number;
      /** For a model that does not say what it can hold. */
      mostTokens: number;
      sampling: Sampling;
      /** Special tokens by which a turn ends. */
      turnEnds: readonly string[];
    } & ({ messages: readonly Turn[]; template: string } | { prompt: string }));

const count = z.int().nonnegative();
/** The inputs that a batch is of, by their place in the request. */
const places = z.array(count);
const rows = z.array(z.array(z.number()));

const workerEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loaded"), memoryBytes: count }),
  z.object({ type: z.literal("vectors"), places, vectors: rows, tokens: count }),
  z.object({ type: z.literal("logits"), places, logits: rows, tokens: count }),
  /** The prompt is tokenized. `thinking`: the template ends within the model's thinking. */
  z.object({ type: z.literal("prompt"), inputTokens: count, thinking: z.boolean() }),
  z.object({ type: z.literal("text"), text: z.string(), outputTokens: count }),
  z.object({ type: z.literal("finish"), reason: z.enum(["stop", "length"]), outputTokens: count }),
]);

/** What the worker tells of a request. */
export type WorkerEvent = z.output<typeof workerEvent>;

/** @throws ModelyardError `invalid-response` */
export function parseWorkerEvent(event: unknown): WorkerEvent {
  const parsed = workerEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new ModelyardError(
    "invalid-response",
    `The Python worker's answer is not as expected at "${at}".`,
    { remedy: "A model may have computed numbers that are none: try another dtype." },
  );
}
