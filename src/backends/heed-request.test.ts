import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../contract/capabilities/chat.ts";
import { heedRequest } from "./heed-request.ts";

const call = (toolCallId: string): ChatEvent => ({
  type: "tool-call",
  toolCallId,
  toolName: "look",
  input: {},
});
const text: ChatEvent = { type: "text-delta", text: "hi" };
const finish: ChatEvent = { type: "finish", reason: "stop", usage: {} };

async function heeded(request: Parameters<typeof heedRequest>[1], ...events: ChatEvent[]) {
  async function* given() {
    yield* events;
  }
  const warnings: string[] = [];
  const heard = heedRequest(given(), request, (warning) => warnings.push(warning));
  const heeding: ChatEvent[] = [];
  for await (const event of heard) heeding.push(event);
  return { events: heeding, warnings };
}

describe("heedRequest", () => {
  it("hands on the first of several calls where one alone is wanted, and says so", async () => {
    const calls = [text, call("a"), call("b"), call("c"), finish];
    expect(await heeded({ parallelToolCalls: false }, ...calls)).toEqual({
      events: [text, call("a"), finish],
      warnings: [expect.stringContaining("3 calls")],
    });
    expect(await heeded({}, ...calls)).toEqual({ events: calls, warnings: [] });
    const one = [call("a"), finish];
    expect(await heeded({ parallelToolCalls: false }, ...one)).toEqual({
      events: one,
      warnings: [],
    });
  });

  it("warns of likelihoods that were not told", async () => {
    const likely: ChatEvent = { ...text, logprobs: [{ token: "hi", logprob: -1 }] };
    expect((await heeded({ logprobs: 0 }, text, finish)).warnings).toHaveLength(1);
    expect((await heeded({ logprobs: 0 }, likely, text, finish)).warnings).toEqual([]);
    expect((await heeded({ logprobs: 0 }, call("a"), finish)).warnings).toEqual([]);
  });
});
