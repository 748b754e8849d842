import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { dataOf, hello, serveBackend } from "./__fixtures__/serve-backend.ts";

const chatPath = "/v1/chat/completions";
const ask = { ...hello, n: 3, seed: 1 };
const usage = { inputTokens: 3, outputTokens: 2 };

interface Chunk {
  id: string;
  choices: { index: number; delta: { role?: string; content?: string }; finish_reason: unknown }[];
  usage?: unknown;
}

/** A chat that says its seed, in two pieces; `wait` comes between them. */
function sayingSeeds(wait: (seed: number) => Promise<unknown> = async () => undefined) {
  return serveBackend({
    async *chat({ seed = 0 }, { warn }) {
      warn("said by each");
      yield { type: "text-delta", text: `seed ` };
      await wait(seed);
      yield { type: "text-delta", text: String(seed) };
      yield { type: "finish", reason: "stop", usage };
    },
  });
}

describe("several answers to one request", () => {
  it("are choices of one whole answer, which cost what they cost together", async () => {
    const { post } = await sayingSeeds();
    const response = await post(chatPath, ask, { headers: { "x-request-id": "mine" } });
    expect(response.headers.get("x-modelyard-warnings")).toBe('["said by each"]');
    expect(await response.json()).toMatchObject({
      id: "chatcmpl-mine",
      choices: [1, 2, 3].map((seed, index) => ({
        index,
        message: { role: "assistant", content: `seed ${seed}` },
        finish_reason: "stop",
      })),
      usage: { prompt_tokens: 9, completion_tokens: 6, total_tokens: 15 },
    });
  });

  it("are written side by side where they are streamed, and end together", async () => {
    const last = Promise.withResolvers<void>();
    let ended = 0;
    const { post } = await sayingSeeds(async (seed) => {
      if (seed === 1) await last.promise;
      else if (++ended === 2) last.resolve();
    });
    const streamed = { ...ask, stream: true, stream_options: { include_usage: true } };
    const response = await post(chatPath, streamed, { headers: { "x-request-id": "mine" } });
    const data = dataOf(await response.text());
    expect(data.at(-1)).toBe("[DONE]");
    const chunks = data.slice(0, -1) as Chunk[];
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(["chatcmpl-mine"]));
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: 6 },
    });
    const pieces = chunks.slice(0, -1).map(({ choices }) => choices[0]!);
    for (const index of [0, 1, 2]) {
      const own = pieces.filter((piece) => piece.index === index);
      expect(own.map(({ delta }) => delta.content).join("")).toBe(`seed ${index + 1}`);
      expect(own.map(({ delta }) => delta.role)).toEqual(["assistant", undefined, undefined]);
      expect(own.at(-1)?.finish_reason).toBe("stop");
    }
    expect(pieces.at(-1)?.index).toBe(0);
  });

  it.each([false, true])(
    "fail together, and what the others do upstream stops; streamed: %s",
    async (stream) => {
      const stopped: string[] = [];
      const { post } = await serveBackend({
        async *chat({ seed }, { signal }) {
          if (seed === 3) throw new ModelyardError("rate-limited", "Slower.");
          const { promise, resolve } = Promise.withResolvers<void>();
          signal.addEventListener("abort", () => resolve());
          await promise;
          stopped.push((signal.reason as ModelyardError).code);
          yield { type: "finish", reason: "stop", usage };
        },
      });
      const response = await post(chatPath, { ...ask, stream });
      expect(response.status).toBe(429);
      expect(await response.json()).toMatchObject({ error: { code: "rate-limited" } });
      expect(response.headers.get("x-modelyard-attempts")).toBe("5");
      await expect.poll(() => stopped).toEqual(["cancelled", "cancelled"]);
    },
  );

  it("are given to each of several prompts", async () => {
    const { post } = await serveBackend({
      async *completion({ prompt }) {
        yield { type: "text-delta", text: `${prompt}!` };
        yield { type: "finish", reason: "stop", usage };
      },
    });
    const response = await post("/v1/completions", { model: "test/m", prompt: ["a", "b"], n: 2 });
    const { choices } = (await response.json()) as { choices: { index: number; text: string }[] };
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, "a!"],
      [1, "a!"],
      [2, "b!"],
      [3, "b!"],
    ]);
  });
});
