import { expect, it } from "vitest";
import { createSampler, samplingOf } from "./sample.ts";

const plain = { temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 1 };
const logits = () => Float32Array.of(0, 2, 1, -9);

function draws(sampling: Partial<typeof plain>, count = 300): number[] {
  const sample = createSampler({ ...plain, ...sampling });
  return Array.from({ length: count }, () => sample(logits(), []));
}

it("takes the likeliest at temperature 0", () => {
  expect(new Set(draws({ temperature: 0 }))).toEqual(new Set([1]));
});

it("draws the same with the same seed, and as often as is likely", () => {
  expect(draws({ seed: 7 })).toEqual(draws({ seed: 7 }));
  expect(draws({ seed: 7 })).not.toEqual(draws({ seed: 8 }));
  const share = draws({}, 3000).filter((id) => id === 1).length / 3000;
  expect(share).toBeCloseTo(Math.E ** 2 / (1 + Math.E + Math.E ** 2), 1);
});

it("leaves out what is unlikely", () => {
  expect(new Set(draws({ topK: 2 }))).toEqual(new Set([1, 2]));
  expect(new Set(draws({ topP: 0.6 }))).toEqual(new Set([1]));
});

it("makes what stood before less likely", () => {
  const sample = createSampler({ ...plain, temperature: 0, repetitionPenalty: 3 });
  expect(sample(logits(), [1, 1])).toBe(2);
});

it("takes the caller's word before the model's, and says what it ignores", () => {
  const generation = { do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 20 };
  const warnings: string[] = [];
  const of = (request: Parameters<typeof samplingOf>[0], folder = {}) =>
    samplingOf(request, folder, (message) => warnings.push(message));
  expect(of({}, { generation })).toMatchObject({ temperature: 0.6, topP: 0.9, topK: 20 });
  expect(of({ temperature: 0.1 }, { generation })).toMatchObject({ temperature: 0.1 });
  expect(of({})).toMatchObject({ temperature: 0 });
  expect(warnings).toEqual([]);
  of({ providerOptions: { huggingface: { topK: -1, beams: 4 } } });
  expect(warnings).toEqual([
    'huggingface has no option "beams": it was ignored.',
    "Options for huggingface with values that can't be used were ignored: topK.",
  ]);
});
