import type {
  ClassificationOutput,
  ClassificationRequest,
} from "../../../contract/capabilities/classification.ts";
import { field, list, text } from "../convert/fields.ts";
import { toUsage } from "../convert/to-usage.ts";
import type { ClassifyRoute } from "../profiles/profile.ts";

/** A native route: what it is asked, and what its answer means. */
export interface NativeRoute {
  /** Undefined where the route can't serve such a request. */
  toBody(request: ClassificationRequest, model: string): Record<string, unknown> | undefined;
  /** Undefined where the answer is none of this route's. */
  read(answer: object, request: ClassificationRequest): ClassificationOutput | undefined;
}

const instructions = "Which of these labels fits the text best?";
const fits = (label: string) => `Does the label ${JSON.stringify(label)} fit the text?`;

/** OpenAI's Decisions API, which vLLM and Fireworks speak too: one choice, or a predicate for each label. */
const decisions: NativeRoute = {
  toBody({ input, labels, multiLabel }, model) {
    if (labels === undefined) return undefined;
    const questions =
      multiLabel === true
        ? labels.map((label, at) => ({
            type: "predicate",
            name: `label_${at}`,
            instructions: fits(label),
          }))
        : [
            {
              type: "choice",
              name: "label",
              instructions,
              choices: labels.map((value) => ({ value, description: value })),
            },
          ];
    return { model, input, questions };
  },
  read(answer, { labels = [], multiLabel }) {
    const answers = list(field(answer, "answers"));
    const scores =
      multiLabel === true
        ? labels.map((_, at) => {
            const own = answers.find((each) => field(each, "name") === `label_${at}`);
            return probability(field(own, "probability"));
          })
        : labels.map((label) => {
            const all = list(field(answers[0], "probabilities"));
            const own = all.find((each) => field(each, "value") === label);
            return probability(field(own, "probability"));
          });
    return toOutput(answer, labels, scores);
  },
};

/** The same idea in other words: `noul` is a yes or no. */
const systemone: NativeRoute = {
  toBody({ input, labels, multiLabel }, model) {
    if (labels === undefined) return undefined;
    const questions =
      multiLabel === true
        ? Object.fromEntries(
            labels.map((label, at) => [`label_${at}`, { type: "noul", instructions: fits(label) }]),
          )
        : {
            label: {
              type: "choice",
              instructions,
              criteria: Object.fromEntries(labels.map((label) => [label, label])),
            },
          };
    return { model, state: input, questions };
  },
  read(answer, { labels = [], multiLabel }) {
    const answers = field(answer, "answers");
    const scores = labels.map((label, at) =>
      probability(
        multiLabel === true
          ? field(field(answers, `label_${at}`), "noul")
          : field(field(field(answers, "label"), "probabilities"), label),
      ),
    );
    return toOutput(answer, labels, scores);
  },
};

/** A trained classifier, in vLLM's words: it names the label it found, and gives the others a number. */
const ownLabels: NativeRoute = {
  toBody: ({ input, labels }, model) => (labels === undefined ? { model, input } : undefined),
  read(answer) {
    const [entry] = list(field(answer, "data"));
    const scores = list(field(entry, "probs")).map(probability);
    const best = scores.indexOf(Math.max(...scores.map((score) => score ?? 0)));
    const found = text(field(entry, "label"));
    if (found === undefined) return undefined;
    const labels = scores.map((_, at) => (at === best ? found : `class ${at}`));
    return toOutput(answer, labels, scores);
  },
};

export const nativeRoutes: Readonly<Record<ClassifyRoute, NativeRoute>> = {
  decisions,
  systemone,
  classify: ownLabels,
  "/classify": ownLabels,
};

function toOutput(
  answer: object,
  labels: readonly string[],
  scores: readonly (number | undefined)[],
): ClassificationOutput | undefined {
  if (labels.length === 0 || !scores.some((score) => score !== undefined)) return undefined;
  return {
    labels: labels.map((label, at) => ({ label, score: scores[at] ?? 0 })),
    usage: toUsage(field(answer, "usage")),
  };
}

function probability(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined;
}
