import { z } from "zod";
import { defineCapability, deriveFrom, type RequestInput, type ResultOf } from "../capability.ts";
import { ModelyardError } from "../errors.ts";
import { nonEmptyText } from "../text.ts";
import { usage } from "../usage.ts";
import { chat } from "./chat.ts";
import { embedding } from "./embedding.ts";

const labels = z
  .array(nonEmptyText)
  .min(1, { error: "Must hold at least one label." })
  .max(1000, { error: "Must hold at most 1,000 labels." })
  .refine((names) => new Set(names).size === names.length, {
    error: "Must not name a label twice.",
  });

const request = z
  .strictObject({
    input: nonEmptyText,
    /** What to choose from. A trained classifier brings its own where they are left out. */
    labels: labels.optional(),
    /** Each label is judged by itself, so that several may hold or none; the scores then do not add up to 1. */
    multiLabel: z.boolean().optional(),
  })
  .refine((value) => value.labels?.length !== 1 || value.multiLabel === true, {
    path: ["labels"],
    error: "One label alone always wins: give two or more, or set multiLabel.",
  });

const output = z.object({
  /** In any order; a caller gets the best first. Scores are 0 to 1. */
  labels: z.array(z.object({ label: z.string(), score: z.number() })),
  usage,
});

/** A text and labels in, how well each label fits out. */
export const classification = defineCapability({
  name: "classification",
  description: "Sort a text into labels.",
  names: { tool: "classify", route: "/v1/classify", verb: "classify" },
  alsoCalled: ["text-classification", "zero-shot-classification", "classifier"],
  request,
  output,
  misfit({ labels: given }, { labels: wanted }) {
    const named = new Set(given.map(({ label }) => label));
    const missing = wanted?.findIndex((label) => !named.has(label)) ?? -1;
    return missing < 0 ? undefined : `no score for label ${missing + 1} of ${wanted?.length}`;
  },
  result: output,
  tool: { result: ["labels"] },
  text: {
    input: "input",
    ofResult: (result) =>
      result.labels.map(({ label, score }) => `${label} ${score.toFixed(4)}`).join("\n"),
  },
  collect: (returned) => ({
    ...returned,
    labels: returned.labels.toSorted((a, b) => b.score - a.score),
  }),
  derive: [
    deriveFrom(
      embedding,
      (handler) =>
        async ({ input, labels: names, multiLabel }: ClassificationRequest, context) => {
          const wanted = labelsOf(names, context.model);
          const texts = [input, ...wanted.map((label) => `This example is ${label}.`)];
          const { embeddings, usage: used } = await handler({ input: texts }, context);
          const [subject = [], ...candidates] = embeddings;
          const similarities = candidates.map((vector) => cosine(subject, vector));
          const scores =
            multiLabel === true
              ? similarities.map((value) => Math.max(0, value))
              : softmax(similarities, temperature);
          return {
            labels: wanted.map((label, index) => ({ label, score: scores[index] ?? 0 })),
            usage: used,
          };
        },
    ),
    deriveFrom(
      chat,
      (handler) =>
        async ({ input, labels: names, multiLabel }: ClassificationRequest, context) => {
          const wanted = labelsOf(names, context.model);
          const choice = { type: "string", enum: wanted };
          const responseSchema = multiLabel === true ? { type: "array", items: choice } : choice;
          const system = `Sort the text into ${multiLabel === true ? "all labels that fit" : "the one label that fits best"}: ${wanted.join(", ")}. Answer in JSON alone.`;
          const messages = [
            { role: "system" as const, content: [{ type: "text" as const, text: system }] },
            { role: "user" as const, content: [{ type: "text" as const, text: input }] },
          ];
          const events = [];
          for await (const event of handler({ messages, responseSchema, temperature: 0 }, context))
            events.push(event);
          if (events.at(-1)?.type !== "finish") {
            throw new ModelyardError("stream-interrupted", `${context.model} broke off.`);
          }
          const { text, usage: used } = chat.collect(events);
          const chosen = parseChoice(text, wanted, context.model);
          context.warn(
            "The scores are 1 for what the model chose and 0 for the rest: it gives no likelihoods.",
          );
          return {
            labels: wanted.map((label) => ({ label, score: chosen.includes(label) ? 1 : 0 })),
            usage: used,
          };
        },
    ),
  ],
});

/** Sharpens differences between cosines, which lie close together; found on MiniLM with the template above. */
const temperature = 0.05;

function labelsOf(labels: readonly string[] | undefined, model: string): readonly string[] {
  if (labels !== undefined) return labels;
  throw new ModelyardError("invalid-request", `${model} has no labels of its own.`, {
    remedy: "Give labels to choose from.",
  });
}

function parseChoice(text: string, labels: readonly string[], model: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = text.trim();
  }
  const chosen = (Array.isArray(parsed) ? parsed : [parsed]).filter((each) =>
    labels.includes(each as string),
  ) as string[];
  if (chosen.length > 0 || Array.isArray(parsed)) return chosen;
  throw new ModelyardError("invalid-response", `${model} answered with none of the labels.`, {
    details: { limit: "ability" },
    remedy: "Use a larger model, or one with a classification capability of its own.",
  });
}

/** The cosine of two vectors of length 1, which is their dot product. */
function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** Likelihoods that add up to 1, from scores of any scale. */
export function softmax(scores: readonly number[], scale = 1): number[] {
  const best = Math.max(...scores);
  const weights = scores.map((score) => Math.exp((score - best) / scale));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

export type ClassificationInput = RequestInput<typeof classification>;
export type ClassificationRequest = z.output<typeof request>;
export type ClassificationOutput = z.infer<typeof output>;
export type ClassificationResult = ResultOf<typeof classification>;
