import type {
  ClassificationOutput,
  ClassificationRequest,
} from "../../../contract/capabilities/classification.ts";
import type { AnyCapability } from "../../../contract/capability.ts";
import { expect, type Check } from "../check.ts";
import type { Subject } from "../subject.ts";
import { readyFor } from "../trials.ts";

/** What scores must be, beside numbers. */
export function classificationChecks(capability: AnyCapability): Check[] {
  return [
    {
      id: "classification/labels",
      level: "bronze",
      title: "judges the labels that it was given, each once",
      why: "Who asks about three labels looks up three.",
      remedy:
        "Give each label of the request its score, also where it is 0, in the request's own spelling.",
      async run(subject) {
        const { labels, wanted, asked } = await classify(subject, capability);
        const given = labels.map(({ label }) => label);
        // A trained classifier has its own labels, and is asked without any.
        if (wanted === undefined) return;
        expect(
          given.toSorted().join("\n") === wanted.toSorted().join("\n"),
          `Asked about ${wanted.join(", ")}, it judged ${given.join(", ") || "none"}.`,
          { asked },
        );
      },
    },
    {
      id: "classification/scores",
      level: "bronze",
      title: "its scores are likelihoods",
      why: "Thresholds are set for scores from 0 to 1; logits pass any.",
      remedy:
        "Put logits through softmax, or, where several labels may hold, each through a sigmoid.",
      async run(subject) {
        const { labels, asked } = await classify(subject, capability);
        const wrong = labels.find(({ score }) => !(score >= 0 && score <= 1 + 1e-6));
        expect(wrong === undefined, () => `${wrong!.label} has the score ${wrong!.score}.`, {
          asked,
        });
        const total = labels.reduce((sum, { score }) => sum + score, 0);
        expect(
          labels.length < 2 || total <= 1.01,
          `One label holds, and the scores add up to ${total.toFixed(3)}.`,
          { asked },
        );
      },
    },
  ];
}

async function classify(subject: Subject, capability: AnyCapability) {
  const { opened, model } = await readyFor(subject, capability);
  const request = subject.request(capability) as ClassificationRequest;
  const { output } = await opened.ask(capability, model, request);
  const { labels } = output as ClassificationOutput;
  return { labels, wanted: request.labels, asked: opened.handlerOf(capability) };
}
