import { describe, expect, it } from "vitest";
import { completionConversion } from "./completion-conversion.ts";

const read = (body: object) => completionConversion.read({ ...body });
const origin = { id: "1", backend: "test", model: "m", createdAt: 0 };
const token = (text: string, logprob: number) => ({ token: text, logprob });

describe("completionConversion", () => {
  it("asks once for each prompt and each answer to it", () => {
    const { requests } = read({ prompt: ["a", "b"], n: 2, seed: 1, max_tokens: 3 });
    expect(requests).toEqual([
      { prompt: "a", seed: 1, maxTokens: 3 },
      { prompt: "a", seed: 2, maxTokens: 3 },
      { prompt: "b", seed: 1, maxTokens: 3 },
      { prompt: "b", seed: 2, maxTokens: 3 },
    ]);
    expect(read({ prompt: "a", logprobs: 2 }).requests).toEqual([{ prompt: "a", logprobs: 2 }]);
    expect(read({ prompt: "a", logprobs: false }).requests).toEqual([{ prompt: "a" }]);
  });

  it.each<[object, string]>([
    [{ prompt: [1, 2] }, "prompt"],
    [{ prompt: [[1, 2]] }, "prompt"],
    [{ prompt: [] }, "prompt"],
    [{ prompt: ["a", 1] }, "prompt"],
    [{}, "prompt"],
    [{ prompt: ["a", "b"], n: 65 }, "n"],
    [{ prompt: "a", echo: true }, "echo"],
    [{ prompt: "a", best_of: 2 }, "best_of"],
    [{ prompt: "a", suffix: "b" }, "suffix"],
  ])("refuses %j and names the field", (body, param) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: "invalid-request", details: { param } }) as Error,
    );
  });

  it("gives likelihoods with where each token stands, streamed too", () => {
    const logprobs = [{ ...token("Hé", -1), top: [token("Ho", -2)] }, token("llo", -0.5)];
    const usage = { inputTokens: 1, outputTokens: 2 };
    const result = { text: "Héllo", logprobs, finishReason: "stop", usage };
    const written = {
      tokens: ["Hé", "llo"],
      token_logprobs: [-1, -0.5],
      top_logprobs: [{ Ho: -2 }, {}],
      text_offset: [0, 2],
    };
    const request = read({ prompt: "a", logprobs: 1, n: 2 });
    expect(
      request.toAnswer([result, { ...result, logprobs: undefined }], origin).body,
    ).toMatchObject({
      choices: [
        { index: 0, text: "Héllo", logprobs: written },
        { index: 1, text: "Héllo", logprobs: null },
      ],
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    });
    const frames = request.createFrames(origin, () => undefined);
    const piece = (text: string) => ({ type: "text-delta", text, logprobs: [token(text, -1)] });
    const offsets = [
      ["a", 0],
      ["bc", 1],
      ["d", 0],
      ["e", 3],
    ].map(([text, at], index) => {
      const frame = frames.toFrame(piece(String(text)), index === 2 ? 1 : 0);
      expect(frame).toContain(`"text_offset":[${at}]`);
      return at;
    });
    expect(offsets).toHaveLength(4);
  });
});
