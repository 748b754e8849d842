import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { all } from "../all.ts";
import { saying } from "../saying.ts";
import type { ServedPort } from "../serve-port.ts";
import { openClient } from "./open-client.ts";
import { askedOf, hello, tiny, upstream } from "./requests.ts";

/** Chats with OpenAI's own client. */
export function describeChat(port: ServedPort): void {
  const client = openClient(port);

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
      expect(askedOf(port)).toMatchObject({ logprobs: true, top_logprobs: 2 });
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
      expect(askedOf(port)["messages"]).toEqual(seen);
    });

    it("hands on the effort, and shows what the model thought", async () => {
      port.upstream.use([
        saying([{ delta: { reasoning_content: "Hm." } }, { delta: { content: "Yes" } }]),
      ]);
      const answer = await client.chat.completions.create({ ...upstream, reasoning_effort: "low" });
      expect(askedOf(port)).toMatchObject({ reasoning_effort: "low" });
      expect(answer.choices[0]?.message).toMatchObject({
        content: "Yes",
        reasoning_content: "Hm.",
      });
    });
  });
}
