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

const notYet = z.never({ error: "Not yet supported." }).optional();

/** What a configuration may say about this backend. */
export const config = z.strictObject({
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
  /** What runs them. */
  runtime: z
    .enum(["onnx", "python"])
    .refine((runtime) => runtime === "onnx", { error: '"python" is not yet supported.' })
    .default("onnx"),
  baseUrl: notYet,
  python: notYet,
  revision: notYet,
  token: notYet,
});

export type HuggingFaceConfig = z.output<typeof config>;
export type Dtype = (typeof dtypes)[number];
