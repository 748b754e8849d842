import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  defineBackend,
  defineCapability,
  deriveFrom,
  chat,
  type CallContext,
  type Capability,
  type ChatInput,
  type ChatRequest,
  type EventOf,
  type Handler,
  type HandlerOf,
  type RequestOf,
  type ResultOf,
} from "../src/contract/index.ts";

// What this file says is checked by `npm run types`; each expected error that is none fails there.

const config = z.strictObject({ baseUrl: z.string(), retries: z.int().default(3) });

/** A chat handler that yields one event. */
function chatWith<Event>(event: Event) {
  return async function* () {
    yield event;
  };
}

describe("defineBackend", () => {
  it("infers configuration, request, context and events", () => {
    const backend = defineBackend({
      type: "sample",
      config,
      create({ name, config: options }) {
        expectTypeOf(name).toEqualTypeOf<string>();
        expectTypeOf(options).toEqualTypeOf<{ baseUrl: string; retries: number }>();
        return {
          capabilities: {
            async *chat(request, context) {
              expectTypeOf(request).toEqualTypeOf<ChatRequest>();
              expectTypeOf(context).toEqualTypeOf<CallContext>();
              yield { type: "text-delta", text: "Hi" };
              yield { type: "finish", reason: "stop", usage: { outputTokens: 1 } };
            },
            async embedding({ input }) {
              expectTypeOf(input).toEqualTypeOf<string[]>();
              return { embeddings: input.map(() => [1]), usage: {} };
            },
          },
        };
      },
    });
    expectTypeOf(backend.contract).toEqualTypeOf<1>();
  });

  it("takes no handler whose events or results are misspelt", () => {
    type Chat = Handler<"chat">;
    expectTypeOf(chatWith({ type: "text-delta", text: "Hi" } as const)).toExtend<Chat>();
    expectTypeOf(chatWith({ type: "text-dleta", text: "Hi" } as const)).not.toExtend<Chat>();
    expectTypeOf(chatWith({ type: "text-delta", txt: "Hi" } as const)).not.toExtend<Chat>();
    expectTypeOf(chatWith({ type: "finish", reason: "stop" } as const)).not.toExtend<Chat>();
    expectTypeOf(
      chatWith({ type: "finish", reason: "stopped", usage: {} } as const),
    ).not.toExtend<Chat>();
    expectTypeOf<() => Promise<{ embeddings: string[][]; usage: object }>>().not.toExtend<
      Handler<"embedding">
    >();
  });

  it("says so where it stands, in a backend", () => {
    const backend = defineBackend({
      type: "sample",
      config,
      create: () => ({
        capabilities: {
          // @ts-expect-error -- "text-dleta" is no event
          async *chat() {
            yield { type: "text-dleta", text: "Hi" };
          },
        },
      }),
    });
    expectTypeOf(backend.type).toEqualTypeOf<string>();
  });

  it("takes no capability that nobody knows", () => {
    // The last one is an example's own.
    expectTypeOf<Capability>().toEqualTypeOf<
      "chat" | "completion" | "embedding" | "classification" | "rerank" | "transcription"
    >();
    // @ts-expect-error -- there is no "translation" yet
    expectTypeOf<Handler<"translation">>().toBeFunction();
  });
});

describe("what a caller gives", () => {
  it("is checked as what a handler receives is", () => {
    expectTypeOf<{ prompt: "Hi" }>().toExtend<ChatInput>();
    expectTypeOf<{ messages: [{ role: "user"; content: "Hi" }] }>().toExtend<ChatInput>();
    expectTypeOf<{ messages: [{ role: "usr"; content: "Hi" }] }>().not.toExtend<ChatInput>();
    expectTypeOf<ChatRequest>().not.toHaveProperty("prompt");
  });
});

describe("defineCapability", () => {
  const translation = defineCapability({
    name: "translation",
    description: "Translate a text.",
    names: { tool: "translate", route: "/v1/translate", verb: "translate" },
    request: z.strictObject({ input: z.string(), language: z.string().default("en") }),
    event: z.discriminatedUnion("type", [
      z.object({ type: z.literal("text-delta"), text: z.string() }),
      z.object({ type: z.literal("finish"), quality: z.number() }),
    ]),
    result: z.object({ text: z.string() }),
    text: { input: "input", ofResult: ({ text }) => text },
    collect(events) {
      expectTypeOf(events[0]!.type).toEqualTypeOf<"text-delta" | "finish">();
      return { text: events.map((each) => (each.type === "text-delta" ? each.text : "")).join("") };
    },
    derive: [
      deriveFrom(chat, (handler) => {
        expectTypeOf(handler).toEqualTypeOf<Handler<"chat">>();
        return handler;
      }),
    ],
  });

  it("infers name, request, events and result", () => {
    expectTypeOf(translation.name).toEqualTypeOf<"translation">();
    expectTypeOf<RequestOf<typeof translation>>().toEqualTypeOf<{
      input: string;
      language: string;
    }>();
    expectTypeOf<EventOf<typeof translation>["type"]>().toEqualTypeOf<"text-delta" | "finish">();
    expectTypeOf<ResultOf<typeof translation>>().toEqualTypeOf<{ text: string }>();
    expectTypeOf<ReturnType<HandlerOf<typeof translation>>>().toEqualTypeOf<
      AsyncIterable<EventOf<typeof translation>>
    >();
  });

  it("holds what is collected to the result's schema", () => {
    const count = defineCapability({
      name: "count",
      description: "Count words.",
      names: { tool: "count", route: "/v1/count", verb: "count" },
      request: z.strictObject({ input: z.string() }),
      output: z.object({ words: z.number() }),
      result: z.object({ words: z.number() }),
      text: { input: "input", ofResult: ({ words }) => `${words}` },
      // @ts-expect-error -- words is a number
      collect: ({ words }) => ({ words: `${words}` }),
    });
    expectTypeOf(count.description).toEqualTypeOf<string>();
  });
});
