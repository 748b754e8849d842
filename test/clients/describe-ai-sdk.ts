import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { faults } from "../../src/testing/faults.ts";
import { all } from "./all.ts";
import { calling, saying, sayingText } from "./saying.ts";
import type { ServedPort } from "./serve-port.ts";

/** What the AI SDK does with the port. */
export function describeAiSdk(port: ServedPort): void {
  /** Two calls at once, then words. */
  const script = [
    calling(["weather", { city: "Oslo" }], ["weather", { city: "Rome" }]),
    sayingText("Cold and warm."),
  ];

  const apiKey = "any";
  const providers = {
    "@ai-sdk/openai": () => createOpenAI({ baseURL: port.baseURL, apiKey }).chat,
    "@ai-sdk/openai-compatible": () =>
      createOpenAICompatible({
        name: "modelyard",
        baseURL: port.baseURL,
        apiKey,
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel,
  };
  const tiny = "llama-cpp/tiny-chat.gguf";
  const hello = "Hello from the tiny test model.";

  /** What the upstream was asked last. */
  function asked(): object {
    return port.upstream.requests.findLast(({ prompt }) => prompt !== undefined)?.body as object;
  }

  describe.each(Object.keys(providers) as (keyof typeof providers)[])(
    "the chat model of %s",
    (name) => {
      const model = (id: string) => providers[name]()(id);

      it("generates and streams text, and tells what it cost", async () => {
        const ask = { model: model(tiny), prompt: "Who are you?", temperature: 0 };
        const whole = await generateText(ask);
        expect([whole.text, whole.finishReason]).toEqual([hello, "stop"]);
        expect(whole.usage.outputTokens).toBe(8);
        const streamed = streamText(ask);
        expect((await all(streamed.textStream)).join("")).toBe(hello);
        expect((await streamed.usage).outputTokens).toBe(8);
        expect(await streamed.finishReason).toBe("stop");
      });

      it("keeps to a schema", async () => {
        const { output } = await generateText({
          model: model(tiny),
          prompt: "Good or bad?",
          temperature: 0,
          output: Output.object({ schema: z.object({ label: z.enum(["positive", "negative"]) }) }),
        });
        expect(output).toEqual({ label: "positive" });
      });

      it("runs tools, several at once, and goes on with their results", async () => {
        const weather = tool({
          description: "The weather of a city.",
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }) => `weather of ${city}`,
        });
        const ask = {
          model: model("upstream/chaos"),
          prompt: "Weather?",
          tools: { weather },
          stopWhen: isStepCount(2),
        };
        port.upstream.use(script);
        const whole = await generateText(ask);
        expect([whole.text, whole.steps.length]).toEqual(["Cold and warm.", 2]);
        expect(asked()).toMatchObject({
          messages: [
            { role: "user" },
            { role: "assistant", tool_calls: [{ id: "call_0" }, { id: "call_1" }] },
            { role: "tool", tool_call_id: "call_0", content: "weather of Oslo" },
            { role: "tool", tool_call_id: "call_1", content: "weather of Rome" },
          ],
        });
        port.upstream.use(script);
        expect(await streamText(ask).text).toBe("Cold and warm.");
      });

      it("fails with the port's error, in mid-stream too", async () => {
        const wrong = generateText({ model: model("llama-cpp/none"), prompt: "x", maxRetries: 0 });
        const error = await wrong.catch((thrown: unknown) => thrown);
        expect(APICallError.isInstance(error)).toBe(true);
        expect(error).toMatchObject({ statusCode: 404, isRetryable: false });
        port.upstream.use([faults["cut in mid-stream"]]);
        const errors: unknown[] = [];
        const cut = streamText({
          model: model("upstream/chaos"),
          prompt: "x",
          maxRetries: 0,
          onError: ({ error: told }) => void errors.push(told),
        });
        await cut.consumeStream();
        expect(JSON.stringify(errors)).toContain("stream-interrupted");
      });
    },
  );

  describe("@ai-sdk/openai-compatible", () => {
    it("shows what a model thought", async () => {
      port.upstream.use([
        saying([{ delta: { reasoning_content: "Hm." } }, { delta: { content: "Yes" } }]),
      ]);
      const model = providers["@ai-sdk/openai-compatible"]()("upstream/chaos");
      const { reasoningText, text } = await generateText({
        model,
        prompt: "Well?",
        reasoning: "low",
      });
      expect([reasoningText, text]).toEqual(["Hm.", "Yes"]);
      expect(asked()).toMatchObject({ reasoning_effort: "low" });
    });

    it("embeds", async () => {
      const { embeddings } = await embedMany({
        model: createOpenAICompatible({
          name: "modelyard",
          baseURL: port.baseURL,
          apiKey,
        }).embeddingModel("huggingface/test/embed"),
        values: ["good", "bad"],
      });
      expect(embeddings).toHaveLength(2);
      for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    });
  });
}
