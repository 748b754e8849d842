import { randomInt } from "node:crypto";
import { z } from "zod";
import type { SamplingRequest } from "../../../contract/capabilities/generation.ts";
import type { ModelFolder } from "../models/model-folder.ts";

/** What the caller may say beyond the contract: `providerOptions["huggingface"]`. */
const providerSampling = z.object({
  topK: z.int().nonnegative().optional(),
  /** Over 1 makes tokens that stood before less likely. */
  repetitionPenalty: z.number().positive().optional(),
});

/** How the next token is chosen. */
export interface Sampling {
  /** 0 takes the likeliest token. */
  temperature: number;
  topP: number;
  /** 0 leaves all tokens in. */
  topK: number;
  repetitionPenalty: number;
  seed: number;
}

/** The caller's word first, then what the model's folder recommends; without either the likeliest token each time. */
export function samplingOf(
  { temperature, topP, seed, topK, providerOptions, ...others }: SamplingRequest,
  { generation }: Pick<ModelFolder, "generation">,
  warn: (message: string) => void,
): Sampling {
  const given = providerOptions?.["huggingface"] ?? {};
  const parsed = providerSampling.safeParse(given);
  for (const key of Object.keys(given))
    if (!(key in providerSampling.shape))
      warn(`huggingface has no option ${JSON.stringify(key)}: it was ignored.`);
  for (const name of ["frequencyPenalty", "presencePenalty", "logitBias"] as const)
    if (others[name] !== undefined) warn(`huggingface has no ${name}: it was left out.`);
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    warn(`Options for huggingface with values that can't be used were ignored: ${paths}.`);
  }
  const options = parsed.data ?? {};
  const recommended = generation?.do_sample === true ? (generation.temperature ?? 1) : 0;
  return {
    temperature: temperature ?? recommended,
    topP: topP ?? generation?.top_p ?? 1,
    topK: options.topK ?? topK ?? generation?.top_k ?? 50,
    repetitionPenalty: options.repetitionPenalty ?? generation?.repetition_penalty ?? 1,
    seed: seed ?? randomInt(2 ** 32),
  };
}

/** Makes what chooses a token: from the scores of all tokens, given those that stood before. The same seed chooses the same. */
export function createSampler(
  sampling: Sampling,
): (logits: Float32Array, before: readonly number[]) => number {
  const random = createRandom(sampling.seed);
  return (logits, before) => {
    penalise(logits, before, sampling.repetitionPenalty);
    const best = indexOfBest(logits);
    if (sampling.temperature === 0) return best;
    return draw(candidatesOf(logits, logits[best] ?? 0, sampling), random());
  };
}

function penalise(logits: Float32Array, before: readonly number[], penalty: number): void {
  if (penalty === 1) return;
  for (const id of new Set(before)) {
    const score = logits[id] ?? 0;
    logits[id] = score > 0 ? score / penalty : score * penalty;
  }
}

function indexOfBest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

interface Candidate {
  id: number;
  weight: number;
}

/** Less likely than this beside the best, a token is never drawn; it keeps the sorting short. */
const leastWeight = 1e-8;

function candidatesOf(
  logits: Float32Array,
  best: number,
  { temperature, topK, topP }: Sampling,
): Candidate[] {
  const all: Candidate[] = [];
  for (let id = 0; id < logits.length; id++) {
    const weight = Math.exp((logits[id]! - best) / temperature);
    if (weight >= leastWeight) all.push({ id, weight });
  }
  all.sort((a, b) => b.weight - a.weight);
  const kept = topK === 0 ? all : all.slice(0, topK);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  let share = 0;
  const end = kept.findIndex(({ weight }) => (share += weight / total) >= topP);
  return end < 0 ? kept : kept.slice(0, end + 1);
}

function draw(candidates: readonly Candidate[], fraction: number): number {
  let left = fraction * candidates.reduce((sum, { weight }) => sum + weight, 0);
  for (const { id, weight } of candidates) {
    left -= weight;
    if (left < 0) return id;
  }
  return candidates.at(-1)?.id ?? 0;
}

/** Mulberry32: numbers from 0 up to 1 that look like chance. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
