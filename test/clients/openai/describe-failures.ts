import {
  APIError,
  APIUserAbortError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { describe, expect, it } from "vitest";
import { faults } from "../../../src/testing/faults.ts";
import { all } from "../all.ts";
import type { ServedPort } from "../serve-port.ts";
import { openClient } from "./open-client.ts";
import { messages, tiny, upstream } from "./requests.ts";

/** When the connection was closed over which the upstream was asked last; undefined while it is open. */
function closedAtMs(port: ServedPort): number | undefined {
  return port.upstream.requests.findLast(({ prompt }) => prompt !== undefined)?.connection
    .closedAtMs;
}

/** What OpenAI's own client makes of what fails, and what becomes of what it gives up. */
export function describeFailures(port: ServedPort): void {
  const client = openClient(port);

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
