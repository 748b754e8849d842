import { BadRequestError, NotFoundError } from "openai";
import { describe, expect, it } from "vitest";
import { all } from "../all.ts";
import type { ServedPort } from "../serve-port.ts";
import { openClient } from "./open-client.ts";
import { askedOf } from "./requests.ts";

/** What OpenAI's own client asks beside chats. */
export function describeOtherRoutes(port: ServedPort): void {
  const client = openClient(port);

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
      expect(askedOf(port)).toMatchObject({ dimensions: 4 });
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
}
