import OpenAI, {
  APIError,
  APIUserAbortError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { faults } from "../../src/testing/faults.ts";
import { all } from "./all.ts";
import { calling, saying } from "./saying.ts";
import type { ServedPort } from "./serve-port.ts";

/** When the connection was closed over which the upstream was asked last; undefined while it is open. */
function closedAtMs({ upstream }: ServedPort): number | undefined {
  return upstream.requests.findLast(({ prompt }) => prompt !== undefined)?.connection.closedAtMs;
}

/** What OpenAI's own client does with the port. */
export function describeOpenAi(port: ServedPort): void {
  const client = new OpenAI({ baseURL: port.baseURL, apiKey: "any", maxRetries: 0 });

  const messages = [{ role: "user" as const, content: "Who are you?" }];
  const tiny = { model: "llama-cpp/tiny-chat.gguf", messages };
  const upstream = { model: "upstream/chaos", messages };
  const hello = "Hello from the tiny test model.";

  /** What the upstream was asked last. */
  function asked(): Record<string, unknown> {
    return port.upstream.requests.findLast(({ method }) => method === "POST")?.body as never;
  }

  const weather = {
    type: "function" as const,
    function: {
      name: "get_weather",
      description: "The weather of a city.",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  };

  describe("models", () => {
    it("are listed, and each is found by its name", async () => {
      const names = (await all(client.models.list())).map(({ id }) => id);
      expect(names).toContain("llama-cpp/tiny-chat.gguf");
      expect(names).toContain("upstream/chaos");
      expect(await client.models.retrieve("huggingface/test/embed")).toMatchObject({
        id: "huggingface/test/embed",
        object: "model",
        owned_by: "huggingface",
      });
      await expect(client.models.retrieve("none")).rejects.toBeInstanceOf(NotFoundError);
    });
  });

  describe("chat", () => {
    it("is answered whole, with what it cost and its request's id", async () => {
      const { data: answer, request_id: id } = await client.chat.completions
        .create({ ...tiny, temperature: 0 })
        .withResponse();
      expect(answer.choices).toMatchObject([
        { index: 0, message: { role: "assistant", content: hello }, finish_reason: "stop" },
      ]);
      const { prompt_tokens: read = 0, completion_tokens: written, total_tokens } = answer.usage!;
      expect([written, total_tokens]).toEqual([8, read + 8]);
      expect(answer.id).toBe(`chatcmpl-${id}`);
    });

    it("is streamed as it is written", async () => {
      const chunks = await all(
        await client.chat.completions.create({
          ...tiny,
          temperature: 0,
          stream: true,
          stream_options: { include_usage: true },
        }),
      );
      const texts = chunks.flatMap(({ choices }) => choices[0]?.delta.content ?? []);
      expect([texts.length > 1, texts.join("")]).toEqual([true, hello]);
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 8 } });
      expect(chunks.at(0)?.usage).toBeNull();
    });

    it("is gathered from a stream by the client's own helper", async () => {
      const stream = client.chat.completions.stream({ ...tiny, n: 2, temperature: 0, seed: 1 });
      const { choices } = await stream.finalChatCompletion();
      expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
        [0, hello],
        [1, hello],
      ]);
    });

    it("heeds stop, limits, a seed and penalties", async () => {
      const { completions } = client.chat;
      const ask = { ...tiny, temperature: 0 };
      const stopped = await completions.create({ ...ask, stop: [" tiny"], seed: 1 });
      expect(stopped.choices[0]).toMatchObject({
        message: { content: "Hello from the" },
        finish_reason: "stop",
      });
      const short = await completions.create({ ...ask, max_completion_tokens: 2 });
      expect(short.choices[0]).toMatchObject({
        message: { content: "Hello from" },
        finish_reason: "length",
      });
      // The tiny model is so sure of itself that a penalty of this size changes nothing.
      const penalties = { frequency_penalty: 0.1, presence_penalty: 0.1, top_k: 5 };
      const penalised = await completions.create({ ...ask, ...penalties });
      expect(penalised.choices[0]?.message.content).toBe(hello);
    });

    it("gives several answers to one request", async () => {
      const { choices, usage } = await client.chat.completions.create({ ...tiny, n: 3 });
      expect(choices.map(({ message }) => message.content)).toEqual([hello, hello, hello]);
      expect(usage?.completion_tokens).toBe(24);
    });

    it("tells how likely its tokens are, streamed or not, here and from upstream", async () => {
      const likely = { ...tiny, temperature: 0, logprobs: true, top_logprobs: 2 };
      const whole = await client.chat.completions.create(likely);
      const told = whole.choices[0]?.logprobs?.content ?? [];
      expect(told.map(({ token }) => token).join("")).toBe(hello);
      for (const { token, logprob, bytes, top_logprobs: top } of told) {
        expect(logprob).toBeGreaterThan(-0.1);
        expect(Buffer.from(bytes!).toString()).toBe(token);
        expect([top.length, top[0]?.token]).toEqual([2, token]);
      }
      const stream = client.chat.completions.stream(likely);
      expect((await stream.finalChatCompletion()).choices[0]?.logprobs?.content).toEqual(told);

      const content = [{ token: "Hi", logprob: -0.5, bytes: [72, 105], top_logprobs: [] }];
      port.upstream.use([saying([{ delta: { content: "Hi" }, logprobs: { content } }])]);
      const from = await client.chat.completions.create({ ...likely, ...upstream });
      expect(from.choices[0]?.logprobs?.content).toEqual(content);
      expect(asked()).toMatchObject({ logprobs: true, top_logprobs: 2 });
    });

    it("keeps to a schema", async () => {
      const label = z.object({ label: z.enum(["positive", "negative"]) });
      const parsed = await client.chat.completions.parse({
        ...tiny,
        temperature: 0,
        response_format: zodResponseFormat(label, "label"),
      });
      expect(parsed.choices[0]?.message.parsed).toEqual({ label: "positive" });
    });

    it("shows images to a model that sees", async () => {
      const url = "data:image/png;base64,iVBORw0KGgo=";
      const content = [
        { type: "text" as const, text: "What is it?" },
        { type: "image_url" as const, image_url: { url } },
      ];
      const seen = [{ role: "user" as const, content }];
      const answer = await client.chat.completions.create({ ...upstream, messages: seen });
      expect(answer.choices[0]?.message.content).toBe("Hello from the upstream.");
      expect(asked()["messages"]).toEqual(seen);
    });

    it("hands on the effort, and shows what the model thought", async () => {
      port.upstream.use([
        saying([{ delta: { reasoning_content: "Hm." } }, { delta: { content: "Yes" } }]),
      ]);
      const answer = await client.chat.completions.create({ ...upstream, reasoning_effort: "low" });
      expect(asked()).toMatchObject({ reasoning_effort: "low" });
      expect(answer.choices[0]?.message).toMatchObject({
        content: "Yes",
        reasoning_content: "Hm.",
      });
    });
  });

  describe("tools", () => {
    it("are called by a model that runs here, and its results are taken", async () => {
      const calls = {
        model: "llama-cpp/tiny-tool.gguf",
        messages,
        tools: [weather],
        temperature: 0,
      };
      const { choices } = await client.chat.completions.create(calls);
      const [choice] = choices;
      expect(choice).toMatchObject({
        finish_reason: "tool_calls",
        message: {
          content: null,
          tool_calls: [
            {
              type: "function",
              function: { name: "get_weather", arguments: JSON.stringify({ city: "Paris" }) },
            },
          ],
        },
      });
      const id = choice!.message.tool_calls![0]!.id;
      const result = { role: "tool" as const, tool_call_id: id, content: "18 °C" };
      const streamed = client.chat.completions.stream({
        ...calls,
        messages: [...messages, choice!.message, result],
      });
      const called = (await streamed.finalChatCompletion()).choices[0]?.message.tool_calls;
      expect(called).toHaveLength(1);
    });

    it("are run by the client's own loop, several at once", async () => {
      port.upstream.use([
        calling(["get_weather", { city: "Oslo" }], ["get_weather", { city: "Rome" }]),
        saying([{ delta: { content: "Cold and warm." } }]),
      ]);
      const cities: string[] = [];
      const runner = client.chat.completions.runTools({
        ...upstream,
        stream: true,
        tools: [
          {
            type: "function",
            function: {
              ...weather.function,
              parse: JSON.parse,
              function: ({ city }: { city: string }) => {
                cities.push(city);
                return `weather of ${city}`;
              },
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe("Cold and warm.");
      expect(cities).toEqual(["Oslo", "Rome"]);
      expect(asked()["messages"]).toMatchObject([
        { role: "user" },
        { role: "assistant", tool_calls: [{ id: "call_0" }, { id: "call_1" }] },
        { role: "tool", tool_call_id: "call_0", content: "weather of Oslo" },
        { role: "tool", tool_call_id: "call_1", content: "weather of Rome" },
      ]);
    });

    it("are called one at a time where no more are wanted, whatever the model does", async () => {
      port.upstream.use([calling(["get_weather", { city: "Oslo" }], ["get_weather", {}])]);
      const { data, response } = await client.chat.completions
        .create({ ...upstream, tools: [weather], parallel_tool_calls: false })
        .withResponse();
      expect(asked()).toMatchObject({ parallel_tool_calls: false });
      expect(data.choices[0]?.message.tool_calls).toMatchObject([{ id: "call_0" }]);
      expect(response.headers.get("x-modelyard-warnings")).toContain("2 calls at once");
    });
  });

  describe("completions", () => {
    it("continue several texts, and tell how likely the tokens are", async () => {
      const { choices } = await client.completions.create({
        model: "llama-cpp/tiny-chat.gguf",
        prompt: ["Once upon", "Tick"],
        max_tokens: 3,
        temperature: 0,
        logprobs: 1,
      });
      expect(choices.map(({ text }) => text)).toEqual([" a time there", " tock tick tock"]);
      expect(choices[0]?.logprobs).toMatchObject({
        tokens: [" a", " time", " there"],
        text_offset: [0, 2, 7],
      });
    });

    it("are streamed", async () => {
      const stream = await client.completions.create({
        model: "llama-cpp/tiny-chat.gguf",
        prompt: "Once upon",
        temperature: 0,
        stream: true,
      });
      const chunks = await all(stream);
      expect(chunks.map(({ choices }) => choices[0]?.text).join("")).toBe(
        " a time there was one fox!",
      );
    });
  });

  describe("embeddings", () => {
    it("are the same as base64, which the client asks for, and as numbers", async () => {
      const input = ["good", "bad"];
      const model = "huggingface/test/embed";
      const coded = await client.embeddings.create({ model, input });
      const plain = await client.embeddings.create({ model, input, encoding_format: "float" });
      expect(coded.data.map(({ index }) => index)).toEqual([0, 1]);
      for (const [index, { embedding }] of coded.data.entries())
        for (const [at, value] of embedding.entries())
          expect(value).toBeCloseTo(plain.data[index]!.embedding[at]!, 6);
      expect(coded.usage.prompt_tokens).toBeGreaterThan(0);
    });

    it("have the dimensions that are asked for, or are refused", async () => {
      const short = { input: "good", dimensions: 4 };
      await client.embeddings.create({ ...short, model: "upstream/chaos" });
      expect(asked()).toMatchObject({ dimensions: 4 });
      const refused = client.embeddings.create({ ...short, model: "huggingface/test/embed" });
      await expect(refused).rejects.toBeInstanceOf(BadRequestError);
      await expect(refused).rejects.toMatchObject({ param: "dimensions" });
      await expect(client.embeddings.create({ model: "any", input: [1, 2] })).rejects.toMatchObject(
        {
          code: "invalid-request",
          param: "input",
        },
      );
    });
  });

  describe("what fails", () => {
    it("is a typed error, with code, field and request", async () => {
      const unknown = client.chat.completions.create({ ...tiny, model: "llama-cpp/none" });
      await expect(unknown).rejects.toBeInstanceOf(NotFoundError);
      await expect(unknown).rejects.toMatchObject({
        status: 404,
        code: "model-not-found",
        param: "model",
        requestID: expect.stringMatching(/^[\w-]{36}$/) as string,
      });
      const unable = client.chat.completions.create({
        model: "huggingface/test/lm",
        messages,
        response_format: { type: "json_object" },
      });
      await expect(unable).rejects.toMatchObject({
        code: "capability-not-supported",
        param: "response_format",
      });
      const wrong = client.chat.completions.create({ ...tiny, max_tokens: -1 });
      await expect(wrong).rejects.toBeInstanceOf(BadRequestError);
      await expect(wrong).rejects.toMatchObject({ code: "invalid-request", param: "max_tokens" });
      port.upstream.use(() => faults["429, Retry-After in seconds"]);
      const limited = client.chat.completions.create({ ...upstream, model: "upstream/busy" });
      await expect(limited).rejects.toBeInstanceOf(RateLimitError);
      await expect(limited).rejects.toMatchObject({ code: "rate-limited" });
      expect(
        ((await limited.catch((error: unknown) => error)) as APIError).headers?.get("retry-after"),
      ).toBe("3");
    });

    it("is an error in mid-stream too, never an answer", async () => {
      port.upstream.use([faults["cut in mid-stream"]]);
      const stream = await client.chat.completions.create({ ...upstream, stream: true });
      const read = all(stream);
      await expect(read).rejects.toBeInstanceOf(APIError);
      await expect(read).rejects.toMatchObject({ code: "stream-interrupted" });
    });

    it("stops upstream where the client leaves who waits for the whole", async () => {
      port.upstream.use([faults["hang in mid-stream"]]);
      const leaving = new AbortController();
      const before = port.upstream.prompts.length;
      const { signal } = leaving;
      const answer = client.chat.completions.create(upstream, { signal });
      const failed = answer.catch((error: unknown) => error);
      await expect.poll(() => port.upstream.prompts.length).toBe(before + 1);
      leaving.abort();
      expect(await failed).toBeInstanceOf(APIUserAbortError);
      await expect.poll(() => closedAtMs(port)).toBeGreaterThan(0);
    });

    it("stops upstream where the client leaves in mid-stream", async () => {
      port.upstream.use([faults["hang in mid-stream"]]);
      const stream = await client.chat.completions.create({ ...upstream, stream: true });
      for await (const _ of stream) stream.controller.abort();
      await expect.poll(() => closedAtMs(port)).toBeGreaterThan(0);
    });
  });
}
