import { z } from "zod";

/** What a configuration may say about this backend. */
export const config = z.strictObject({
  /** The folder of models, in the hub's layout; the shared cache where left out. */
  modelsDir: z.string().min(1).optional(),
  /** CPU threads; one less than there are cores where left out. */
  threads: z.int().positive().optional(),
  /** The window of each conversation, in tokens; at most 4,096, and more when a prompt needs it, where left out. */
  contextSize: z.int().min(16).optional(),
  /** `auto` takes the best that is found, `false` none. */
  gpu: z.union([z.enum(["auto", "cuda", "vulkan", "metal"]), z.literal(false)]).default("auto"),
});

export type LlamaCppConfig = z.output<typeof config>;
