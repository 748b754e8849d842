import { z } from "zod";
import type { Schema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";

/*
 * What Ollama answers, as far as it is read here. Fields that Go leaves out because they are empty are optional; others may be added
 * at any time. Source: api/types.go of Ollama 0.12 to 0.33.
 */

/** `GET /api/version` */
export const versionAnswer = z.object({ version: z.string() });

/** One model of `GET /api/tags`. */
const listedModel = z.object({
  name: z.string(),
  /** Of its manifest: another one when any part of it changes. */
  digest: z.string(),
  size: z.number().optional(),
  /** Where a model of a cloud runs. */
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});

/** `GET /api/tags` */
export const tagsAnswer = z.object({ models: z.array(listedModel).nullable() });
export type ListedModel = z.infer<typeof listedModel>;

/** One model of `GET /api/ps`. */
const loadedModel = z.object({
  name: z.string(),
  /** All it takes, in bytes, and what of it lies in a GPU's memory. */
  size: z.number().optional(),
  size_vram: z.number().optional(),
  context_length: z.number().optional(),
});

/** `GET /api/ps` */
export const psAnswer = z.object({ models: z.array(loadedModel).nullable() });
export type LoadedModel = z.infer<typeof loadedModel>;

/** `POST /api/show` */
export const showAnswer = z.object({
  capabilities: z.array(z.string()).optional(),
  /** The Modelfile's parameters, as lines of text. */
  parameters: z.string().optional(),
  details: z
    .object({ parameter_size: z.string().optional(), quantization_level: z.string().optional() })
    .optional(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
  remote_model: z.string().optional(),
  remote_host: z.string().optional(),
});
export type ShowAnswer = z.infer<typeof showAnswer>;

/** `POST /api/embed` */
export const embedAnswer = z.object({
  embeddings: z.array(z.array(z.number())),
  prompt_eval_count: z.number().optional(),
  total_duration: z.number().optional(),
  load_duration: z.number().optional(),
});

/** An answer of Ollama's as what it must be. @throws `invalid-response` where it is something else */
export function parseAnswer<Answer>(
  schema: Schema<unknown, Answer>,
  answer: unknown,
  path: string,
): Answer {
  return validate(schema, answer, {
    what: `answer of Ollama to ${path}`,
    code: "invalid-response",
    remedy: "Check that baseUrl is the address of an Ollama, not of something like it.",
  });
}
