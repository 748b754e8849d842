import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { all } from "./all.ts";
import { calling, sayingText } from "./saying.ts";
import type { ServedPort } from "./serve-port.ts";

/** What LangChain does with the port. */
export function describeLangChain(port: ServedPort): void {
  const hello = "Hello from the tiny test model.";

  function chat(model: string, more: object = {}) {
    const configuration = { baseURL: port.baseURL };
    return new ChatOpenAI({ model, apiKey: "any", configuration, maxRetries: 0, ...more });
  }

  describe("ChatOpenAI of LangChain", () => {
    it("invokes and streams, and tells what it cost", async () => {
      const model = chat("llama-cpp/tiny-chat.gguf", { temperature: 0, streamUsage: true });
      const answer = await model.invoke("Who are you?");
      expect(answer.content).toBe(hello);
      expect(answer.usage_metadata).toMatchObject({ output_tokens: 8 });
      const chunks = await all(await model.stream("Who are you?"));
      expect(chunks.map(({ text }) => text).join("")).toBe(hello);
      expect(chunks.findLast((chunk) => chunk.usage_metadata)?.usage_metadata).toMatchObject({
        output_tokens: 8,
      });
    });

    it("generates several answers, with how likely their tokens are", async () => {
      const model = chat("llama-cpp/tiny-chat.gguf", { temperature: 0, n: 2, logprobs: true });
      const { generations } = await model.generate([[new HumanMessage("Who are you?")]]);
      expect(generations[0]?.map(({ text }) => text)).toEqual([hello, hello]);
      const answer = await model.invoke("Who are you?");
      expect(answer.response_metadata).toMatchObject({
        logprobs: {
          content: expect.arrayContaining([expect.objectContaining({ token: "Hello" })]) as unknown,
        },
      });
    });

    it("gives an output that keeps to a schema", async () => {
      const schema = z.object({ label: z.enum(["positive", "negative"]) });
      const model = chat("llama-cpp/tiny-chat.gguf", { temperature: 0 });
      const structured = model.withStructuredOutput(schema, { method: "jsonSchema" });
      expect(await structured.invoke("Good or bad?")).toEqual({ label: "positive" });
    });

    it("calls tools, several at once, and takes their results", async () => {
      port.upstream.use([
        calling(["weather", { city: "Oslo" }], ["weather", { city: "Rome" }]),
        sayingText("Cold and warm."),
      ]);
      const weather = tool(async ({ city }) => `weather of ${city}`, {
        name: "weather",
        description: "The weather of a city.",
        schema: z.object({ city: z.string() }),
      });
      const model = chat("upstream/chaos").bindTools([weather]);
      const question = new HumanMessage("Weather?");
      const asked = await model.invoke([question]);
      expect(asked.tool_calls).toMatchObject([
        { id: "call_0", args: { city: "Oslo" } },
        { id: "call_1", args: { city: "Rome" } },
      ]);
      const results: ToolMessage[] = [];
      for (const call of asked.tool_calls!)
        results.push(await weather.invoke({ ...call, type: "tool_call" }));
      const answer = await model.invoke([question, asked, ...results]);
      expect(answer.content).toBe("Cold and warm.");
    });
  });

  describe("OpenAIEmbeddings of LangChain", () => {
    it("embeds documents and a query", async () => {
      const embeddings = new OpenAIEmbeddings({
        model: "huggingface/test/embed",
        apiKey: "any",
        configuration: { baseURL: port.baseURL },
      });
      const [first, second] = await embeddings.embedDocuments(["good", "bad"]);
      const query = await embeddings.embedQuery("good");
      expect(second).toHaveLength(first!.length);
      for (const [at, value] of query.entries()) expect(value).toBeCloseTo(first![at]!, 5);
    });
  });
}
