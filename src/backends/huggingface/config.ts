import { z } from "zod";
import { type OnnxForm, onnxSuffixes } from "../../weights/weights-form.ts";

/** Inference Providers' own address, where no `baseUrl` names a server. */
export const routerUrl = "https://router.huggingface.co";

/** The forms of a model's weights: one file each, named after its form. */
const dtypes = Object.keys(onnxSuffixes) as [OnnxForm, ...OnnxForm[]];

/** A branch, a tag or a commit, as the hub writes them. */
const revision = z
  .string()
  .regex(/^[\w][\w./-]*$/, { error: "Must be a branch, a tag or a commit." });

/** Without what all such addresses end in: a slash, or the path of the OpenAI-compatible API. */
const baseUrl = z
  .url({ protocol: /^https?$/, error: "Must be an address: http://… or https://…." })
  .transform((url) => url.replace(/[?#].*$/, "").replace(/\/+(v1\/*)?$/, ""));

const localOnly = ["cacheDir", "dtype", "threads", "python", "revision"] as const;
const routerOnly = ["provider", "billTo"] as const;

/** What a configuration may say about this backend. */
export const config = z
  .strictObject({
    /** A folder of models in the hub's layout, `owner/name/…`, also used offline; the shared cache where left out. */
    cacheDir: z.string().min(1).optional(),
    /** Which form of the weights to run; the smallest of those that are exact enough where left out. */
    dtype: z.enum(dtypes).optional(),
    /** CPU threads; one less than there are cores where left out. */
    threads: z.int().positive().optional(),
    /** Where models run: on this machine, or where `baseUrl` says. */
    mode: z.enum(["local", "remote"]).default("local"),
    /** What runs them: transformers.js inside Modelyard, or transformers and sentence-transformers in a Python of this machine. */
    runtime: z.enum(["onnx", "python"]).default("onnx"),
    /** The Python to use; the active or the folder's virtual environment, else the system's, where left out. */
    python: z.string().min(1).optional(),
    /** Of models at the hub, where their names don't say one; the main branch where left out. */
    revision: revision.optional(),
    /** For the hub's private and gated models, for Inference Providers, or what the server of `baseUrl` takes; the variable HF_TOKEN where left out. */
    token: z.string().min(1).optional(),
    /** A server of TEI or TGI, or a dedicated endpoint; Inference Providers where left out. */
    baseUrl: baseUrl.optional(),
    /** Which of the Inference Providers serves a model whose name (`owner/name:provider`) does not say so. */
    provider: z.string().min(1).optional(),
    /** The organisation that pays for Inference Providers, instead of the token's own account. */
    billTo: z.string().min(1).optional(),
  })
  .superRefine(refuseMisplaced)
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

/** A key that has no effect where it stands is a mistake that somebody would look for. */
function refuseMisplaced(
  given: { mode: string; runtime: string; baseUrl?: string | undefined },
  context: z.RefinementCtx,
): void {
  const refuse = (keys: readonly string[], message: string) => {
    for (const key of keys)
      if ((given as Record<string, unknown>)[key] !== undefined)
        context.addIssue({ code: "custom", path: [key], message });
  };
  if (given.mode === "local") refuse(["baseUrl", ...routerOnly], 'Needs "mode": "remote".');
  else {
    refuse(localOnly, 'Has no meaning with "mode": "remote": the model runs elsewhere.');
    if (given.runtime === "python") refuse(["runtime"], 'Needs "mode": "local".');
    if (given.baseUrl !== undefined)
      refuse(
        routerOnly,
        "Is for Inference Providers alone, which baseUrl names a server instead of.",
      );
  }
}

export type HuggingFaceConfig = z.output<typeof config>;
