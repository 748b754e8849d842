import type { LlamaModel } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { recommendedSampling, samplingOf } from "./sampling.ts";

const silent = () => undefined;

/** A loaded model whose file carries this advice. */
function loaded(name: string, sampling?: Record<string, unknown>) {
  const fileInfo = { metadata: { general: { sampling } } } as unknown as LlamaModel["fileInfo"];
  return { name, model: { fileInfo } };
}

describe("samplingOf", () => {
  it("prefers the caller's word, then what is recommended, then llama.cpp's defaults", () => {
    const sampling = samplingOf({ temperature: 1 }, { temperature: 0.2, topP: 0.9 }, silent);
    expect(sampling).toMatchObject({ temperature: 1, topP: 0.9, topK: 40, minP: 0.05 });
  });

  it("takes further options, and says which it can't use", () => {
    const warnings: string[] = [];
    const given = { "llama-cpp": { topK: 5, colour: "red" } };
    const sampling = samplingOf({ providerOptions: given }, {}, (text) => warnings.push(text));
    expect(sampling.topK).toBe(5);
    expect(warnings).toEqual([expect.stringContaining("colour")]);
  });

  it("warns of values that can't be, and goes on without them", () => {
    const warnings: string[] = [];
    const given = { "llama-cpp": { minP: 7 } };
    const sampling = samplingOf({ providerOptions: given }, {}, (text) => warnings.push(text));
    expect(sampling.minP).toBe(0.05);
    expect(warnings).toEqual([expect.stringContaining("minP")]);
  });

  it("gives a seed that the native side takes", () => {
    expect(samplingOf({ seed: -1 }, {}, silent).seed).toBe(2 ** 32 - 1);
    expect(samplingOf({}, {}, silent).seed).toBeLessThan(2 ** 32);
  });
});

describe("recommendedSampling", () => {
  it.each(["smollm2:135m", "SmolLM2-135M-Instruct.Q4_1", "qwen3:4b"])("knows %s", (name) => {
    const topP = name.startsWith("qwen3") ? 0.95 : 0.9;
    expect(recommendedSampling(loaded(name))).toMatchObject({ topP });
  });

  it("prefers the file's own advice", () => {
    expect(recommendedSampling(loaded("smollm2:135m", { temp: 0.5, top_k: "many" }))).toEqual({
      temperature: 0.5,
      topP: 0.9,
    });
  });

  it("recommends nothing for what nobody knows", () => {
    expect(recommendedSampling(loaded("my-model"))).toEqual({});
  });
});
