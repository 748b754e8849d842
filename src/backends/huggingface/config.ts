import { z } from "zod";

/** The forms of a model's weights: one file each, named after its form. */
export const dtypes = [
  "q8",
  "int8",
  "uint8",
  "fp32",
  "fp16",
  "q4",
  "q4f16",
  "q2",
  "q2f16",
  "q1",
  "q1f16",
  "bnb4",
] as const;

/** A branch, a tag or a commit, as the hub writes them. */
const revision = z
  .string()
  .regex(/^[\w][\w./-]*$/, { error: "Must be a branch, a tag or a commit." });

/** What a configuration may say about this backend. */
export const config = z
  .strictObject({
    /** A folder of models in the hub's layout, `owner/name/…`, also used offline; the shared cache where left out. */
    cacheDir: z.string().min(1).optional(),
    /** Which form of the weights to run; the smallest of those that are exact enough where left out. */
    dtype: z.enum(dtypes).optional(),
    /** CPU threads; one less than there are cores where left out. */
    threads: z.int().positive().optional(),
    /** Where models run. */
    mode: z
      .enum(["local", "remote"])
      .refine((mode) => mode === "local", { error: '"remote" is not yet supported.' })
      .default("local"),
    /** What runs them: transformers.js inside Modelyard, or transformers and sentence-transformers in a Python of this machine. */
    runtime: z.enum(["onnx", "python"]).default("onnx"),
    /** The Python to use; the active or the folder's virtual environment, else the system's, where left out. */
    python: z.string().min(1).optional(),
    /** Of models at the hub, where their names don't say one; the main branch where left out. */
    revision: revision.optional(),
    /** For the hub's private and gated models; the variable HF_TOKEN where left out. */
    token: z.string().min(1).optional(),
    baseUrl: z.never({ error: "Not yet supported." }).optional(),
  })
  .superRefine(({ runtime, dtype, python }, context) => {
    if (runtime === "python" && dtype !== undefined && dtype !== "fp32" && dtype !== "fp16")
      context.addIssue({
        code: "custom",
        path: ["dtype"],
        message: `With "runtime": "python" it is "fp32" or "fp16".`,
      });
    if (runtime === "onnx" && python !== undefined)
      context.addIssue({ code: "custom", path: ["python"], message: 'Needs "runtime": "python".' });
  });

export type HuggingFaceConfig = z.output<typeof config>;
export type Dtype = (typeof dtypes)[number];
