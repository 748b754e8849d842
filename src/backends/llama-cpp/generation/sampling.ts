import { randomInt } from "node:crypto";
import type { LlamaModel } from "node-llama-cpp";
import { z } from "zod";
import type { SamplingRequest } from "../../../contract/capabilities/generation.ts";
import { catalogue, type SamplingAdvice } from "../../../weights/catalogue.ts";
import { bareName } from "../find-model.ts";
import type { LoadedModel } from "../model.ts";

/** What the caller may say beyond the contract: `providerOptions["llama-cpp"]`. */
const providerSampling = z.object({
  topK: z.int().nonnegative().optional(),
  minP: z.number().min(0).max(1).optional(),
  /** Over 1 makes words of the last 64 tokens less likely. */
  repeatPenalty: z.number().positive().optional(),
});

/** How the next token is chosen. */
export interface Sampling {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  seed: number;
  repeatPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  /** What is added to a token's logit, by its number. */
  logitBias: Readonly<Record<string, number>>;
}

/** What llama.cpp's own programs use where neither caller nor model says otherwise. */
const defaults = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: {},
};

/**
 * The caller's word first, then what is recommended for the model, then llama.cpp's defaults. The same seed gives the
 * same answer; without one each answer has its own.
 */
export function samplingOf(
  { seed, providerOptions, ...request }: SamplingRequest,
  recommended: Partial<Sampling>,
  warn: (message: string) => void,
): Sampling {
  const given = providerOptions?.["llama-cpp"] ?? {};
  const parsed = providerSampling.safeParse(given);
  for (const key of Object.keys(given)) {
    if (!(key in providerSampling.shape))
      warn(`llama-cpp has no option ${JSON.stringify(key)}: it was ignored.`);
  }
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    warn(`Options for llama-cpp with values that can't be used were ignored: ${paths}.`);
  }
  return {
    ...defaults,
    ...recommended,
    ...withoutUndefined({
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      frequencyPenalty: request.frequencyPenalty,
      presencePenalty: request.presencePenalty,
      logitBias: request.logitBias,
      ...(parsed.success ? parsed.data : {}),
    }),
    // the native side takes 32 bits without a sign
    seed: seed === undefined ? randomInt(2 ** 32) : ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32,
  };
}

/** What is recommended for a model: by its file (`general.sampling.*`), else by the catalogue. */
export function recommendedSampling({
  name,
  model,
}: Pick<LoadedModel, "name"> & {
  model: Pick<LlamaModel, "fileInfo">;
}): Partial<Sampling> {
  const general = model.fileInfo.metadata.general as unknown as {
    sampling?: Record<string, unknown>;
  };
  const { temp, top_k: topK, top_p: topP, min_p: minP } = general.sampling ?? {};
  return {
    ...adviceFor(name),
    ...withoutUndefined({
      temperature: numberOf(temp),
      topK: numberOf(topK),
      topP: numberOf(topP),
      minP: numberOf(minP),
    }),
  };
}

/** A model may be called by the catalogue's name, or by its file's. */
function adviceFor(name: string): SamplingAdvice | undefined {
  return catalogue.find(
    (entry) =>
      entry.name === name || entry.files.some(({ path }) => bareName(path) === bareName(name)),
  )?.sampling;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function withoutUndefined<T extends object>(
  value: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
