import { describe, expect, it } from "vitest";
import type { CallContext } from "./backend.ts";
import { chat, textOf, type ChatEvent, type ChatRequest } from "./capabilities/chat.ts";
import { classification, softmax } from "./capabilities/classification.ts";
import { completion, type CompletionEvent } from "./capabilities/completion.ts";
import { embedding, type EmbeddingRequest } from "./capabilities/embedding.ts";
import type { AnyCapability, AnyHandler } from "./capability.ts";

const finish = { type: "finish", reason: "stop", usage: { outputTokens: 2 } } as const;

function contextWith(warnings: string[] = []): CallContext {
  return {
    model: "tiny",
    signal: new AbortController().signal,
    stream: false,
    fetch: globalThis.fetch,
    warn: (message) => void warnings.push(message),
    progress() {},
  };
}

function derived(capability: AnyCapability, from: string, handler: AnyHandler): AnyHandler {
  return capability.derive!.find((each) => each.from === from)!.derive(handler);
}

/** Classification by a chat model that answers so. */
function answering(events: ChatEvent[]): AnyHandler {
  return derived(classification, "chat", async function* () {
    yield* events;
  });
}

function text(words: string): ChatEvent[] {
  return [{ type: "text-delta", text: words }, finish];
}

describe("collecting", () => {
  it.each<[string, ChatEvent[], object]>([
    [
      "text, reasoning and tool calls, each in order",
      [
        { type: "reasoning-delta", text: "Let me " },
        { type: "reasoning-delta", text: "see." },
        { type: "text-delta", text: "It is " },
        { type: "tool-call", toolCallId: "1", toolName: "clock", input: { zone: "UTC" } },
        { type: "text-delta", text: "noon." },
        finish,
      ],
      {
        text: "It is noon.",
        reasoning: "Let me see.",
        toolCalls: [{ toolCallId: "1", toolName: "clock", input: { zone: "UTC" } }],
        finishReason: "stop",
        usage: { outputTokens: 2 },
      },
    ],
    ["an empty answer", [finish], { text: "", finishReason: "stop", usage: { outputTokens: 2 } }],
    [
      "an answer cut by a deadline",
      [{ type: "text-delta", text: "It" }, chat.cut!("timeout")],
      { text: "It", finishReason: "timeout", usage: {} },
    ],
  ])("chat: %s", (_, events, result) => {
    expect(chat.collect(events)).toEqual(result);
  });

  it("completion: text, and how it ended", () => {
    const events: CompletionEvent[] = [{ type: "text-delta", text: "upon" }];
    expect(completion.collect([...events, finish])).toEqual({
      text: "upon",
      finishReason: "stop",
      usage: { outputTokens: 2 },
    });
    expect(completion.collect([...events, completion.cut!("timeout")]).finishReason).toBe(
      "timeout",
    );
  });

  it("embedding: the dimensions are those of the vectors", () => {
    expect(embedding.collect({ embeddings: [[0.6, 0.8, 0]], usage: {} }).dimensions).toBe(3);
  });

  it("classification: the best label first", () => {
    const result = classification.collect({
      labels: [
        { label: "bad", score: 0.1 },
        { label: "good", score: 0.9 },
      ],
      usage: {},
    });
    expect(result.labels.map(({ label }) => label)).toEqual(["good", "bad"]);
  });
});

describe("a capability's text", () => {
  it.each([
    [chat.text.ofEvent!({ type: "text-delta", text: "a" }), "a"],
    [chat.text.ofEvent!({ type: "reasoning-delta", text: "a" }), undefined],
    [completion.text.ofEvent!(finish), undefined],
    [chat.text.ofResult({ text: "a", finishReason: "stop", usage: {} }), "a"],
    [
      chat.text.ofResult({
        text: "",
        toolCalls: [
          { toolCallId: "1", toolName: "get_weather", input: { city: "Paris" } },
          { toolCallId: "2", toolName: "now", input: {} },
        ],
        finishReason: "tool-calls",
        usage: {},
      }),
      'get_weather({"city":"Paris"})\nnow({})',
    ],
    [completion.text.ofResult({ text: "a", finishReason: "stop", usage: {} }), "a"],
    [
      embedding.text.ofResult({ embeddings: [[1, 0]], dimensions: 2, usage: {} }),
      "1 vector of 2 dimensions",
    ],
    [
      classification.text.ofResult({ labels: [{ label: "good", score: 0.75 }], usage: {} }),
      "good 0.7500",
    ],
  ])("reads %j", (found, expected) => {
    expect(found).toBe(expected);
  });
});

describe("completion from chat", () => {
  it("asks to continue, keeps the options, and passes on text and finish alone", async () => {
    const asked: ChatRequest[] = [];
    async function* handler(request: ChatRequest): AsyncGenerator<ChatEvent> {
      asked.push(request);
      yield { type: "reasoning-delta", text: "hm" };
      yield { type: "text-delta", text: "upon" };
      yield finish;
    }
    const complete = derived(completion, "chat", handler as AnyHandler);
    const answer = complete({ prompt: "once", maxTokens: 3 } as never, contextWith());
    const events = [];
    for await (const event of answer as AsyncIterable<unknown>) events.push(event);
    expect(events).toEqual([{ type: "text-delta", text: "upon" }, finish]);
    expect(asked[0]?.maxTokens).toBe(3);
    expect(textOf(asked[0]!.messages[0]!)).toContain("once");
  });
});

describe("classification from embedding", () => {
  const vectors: Record<string, number[]> = {
    "I love it": [1, 0],
    "This example is good.": [0.8, 0.6],
    "This example is bad.": [-0.8, 0.6],
  };
  const handler = (async ({ input }: EmbeddingRequest) => ({
    embeddings: input.map((text) => vectors[text]!),
    usage: { inputTokens: 9 },
  })) as AnyHandler;
  const classify = derived(classification, "embedding", handler);
  const request = { input: "I love it", labels: ["good", "bad"] };

  it("gives likelihoods that add up to 1", async () => {
    const { labels, usage } = (await classify(request as never, contextWith())) as never as {
      labels: { label: string; score: number }[];
      usage: object;
    };
    expect(usage).toEqual({ inputTokens: 9 });
    expect(labels[0]!.score + labels[1]!.score).toBeCloseTo(1);
    expect(labels[0]!.score).toBeGreaterThan(0.99);
  });

  it("judges each label by itself where several may hold", async () => {
    expect(await classify({ ...request, multiLabel: true } as never, contextWith())).toMatchObject({
      labels: [
        { label: "good", score: 0.8 },
        { label: "bad", score: 0 },
      ],
    });
  });

  it("says that the model has no labels of its own", async () => {
    await expect(classify({ input: "x" } as never, contextWith())).rejects.toMatchObject({
      code: "invalid-request",
      remedy: "Give labels to choose from.",
    });
  });
});

describe("classification from chat", () => {
  const request = { input: "I love it", labels: ["good", "bad"] };

  it.each([
    ["JSON", text('"good"'), [1, 0]],
    ["a bare word", text(" bad\n"), [0, 1]],
    ["a list", text('["good","bad"]'), [1, 1]],
  ])("reads %s, and warns that these are no likelihoods", async (_, events, scores) => {
    const warnings: string[] = [];
    const output = (await answering(events)(request as never, contextWith(warnings))) as {
      labels: { score: number }[];
    };
    expect(output.labels.map(({ score }) => score)).toEqual(scores);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ["none of the labels", text("dunno"), "invalid-response"],
    [
      "half an answer",
      [{ type: "text-delta", text: '"good"' }] as ChatEvent[],
      "stream-interrupted",
    ],
  ])("refuses %s", async (_, events, code) => {
    await expect(answering(events)(request as never, contextWith())).rejects.toMatchObject({
      code,
    });
  });
});

it.each([
  [
    [0, 0],
    [0.5, 0.5],
  ],
  [
    [1000, -1000],
    [1, 0],
  ],
  [[], []],
])("softmax(%j)", (scores, expected) => {
  expect(softmax(scores)).toEqual(expected);
});
