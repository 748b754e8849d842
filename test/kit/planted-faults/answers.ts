import type { ChatEvent, Handlers } from "../../../src/contract/index.ts";
import {
  answer,
  closure,
  lastText,
  overHttp,
  read,
  say,
  send,
  toBody,
  wait,
  warnOfImages,
  type PlantedFault,
} from "./planted-fault.ts";

/** A chat that is wrong in one thing alone: images are warned of. */
function chat(handler: unknown) {
  return closure({
    chat(request, context) {
      warnOfImages(request, context);
      return (handler as NonNullable<Handlers["chat"]>)(request, context);
    },
  });
}
const finish: ChatEvent = { type: "finish", reason: "stop", usage: {} };
const unit = [1, 0];

/** What a handler may give wrongly. */
export const wrongAnswers: readonly PlantedFault[] = [
  {
    name: "yields nothing",
    caughtBy: "chat/answers",
    definition: chat(async function* nothing() {}),
  },
  {
    name: "yields its end alone",
    caughtBy: "chat/answers",
    definition: chat(async function* endAlone() {
      yield finish;
    }),
  },
  {
    name: "never ends",
    caughtBy: "chat/answers",
    definition: chat(async function* endless() {
      for (;;) yield { type: "text-delta", text: "on " };
    }),
  },
  {
    name: "hangs before its first event",
    caughtBy: "chat/answers",
    definition: chat(async function* hangs() {
      await wait(5_000);
      yield* say(answer);
    }),
  },
  {
    name: "gives a text instead of events",
    caughtBy: "chat/answers",
    definition: chat(async () => answer),
  },
  {
    name: "blocks the thread",
    caughtBy: "chat/answers",
    options: { blockedMs: 500 },
    definition: chat(async function* blocks() {
      const endMs = Date.now() + 20_000;
      while (Date.now() < endMs);
      yield* say(answer);
    }),
  },
  {
    name: "ends without finish",
    caughtBy: "chat/one-finish",
    definition: chat(async function* unfinished() {
      yield { type: "text-delta", text: answer };
    }),
  },
  {
    name: "yields after finish",
    caughtBy: "chat/one-finish",
    definition: chat(async function* goesOn() {
      yield* say(answer);
      yield { type: "text-delta", text: "and more" };
    }),
  },
  {
    name: "finishes twice",
    caughtBy: "chat/one-finish",
    definition: chat(async function* twice() {
      yield* say(answer);
      yield finish;
    }),
  },
  {
    name: "yields an event of its own making",
    caughtBy: "chat/events",
    definition: chat(async function* own() {
      yield { type: "token", value: "one" };
      yield* say(answer);
    }),
  },
  {
    name: "says in its end nothing of what it cost",
    caughtBy: "chat/events",
    definition: chat(async function* costless() {
      yield { type: "text-delta", text: answer };
      yield { type: "finish", reason: "stop" };
    }),
  },
  {
    name: "says something else where nobody watches",
    caughtBy: "chat/same-unstreamed",
    definition: chat((_: unknown, { stream }: { stream: boolean }) =>
      say(stream ? answer : answer.toUpperCase()),
    ),
  },
  {
    name: "says that it wrote nothing",
    caughtBy: "chat/usage",
    definition: chat(async function* free() {
      yield { type: "text-delta", text: answer };
      yield { type: "finish", reason: "stop", usage: { outputTokens: 0 } };
    }),
  },
  {
    name: "counts ten tokens for each letter",
    caughtBy: "chat/usage",
    definition: chat(async function* dear() {
      yield { type: "text-delta", text: answer };
      yield { type: "finish", reason: "stop", usage: { outputTokens: answer.length * 10 } };
    }),
  },
  {
    name: "adds up what all calls have cost",
    caughtBy: "chat/usage-of-input",
    definition: chat(
      (() => {
        let inputTokens = 0;
        return async function* addsUp(request: Parameters<typeof lastText>[0]) {
          yield { type: "text-delta", text: answer };
          inputTokens += lastText(request).length;
          yield { type: "finish", reason: "stop", usage: { inputTokens } };
        };
      })(),
    ),
  },
  {
    name: "swaps what the input and the output cost",
    caughtBy: "chat/usage-of-input",
    definition: chat(async function* swapped(request: Parameters<typeof lastText>[0]) {
      yield { type: "text-delta", text: answer };
      const outputTokens = Math.min(10, lastText(request).split(" ").length);
      yield { type: "finish", reason: "stop", usage: { inputTokens: 7, outputTokens } };
    }),
  },
  {
    name: "sends the last message alone",
    caughtBy: "chat/conversation",
    definition: overHttp(
      (setup) =>
        async function* forgetful(request, context) {
          const last = { ...request, messages: request.messages.slice(-1) };
          yield* read(await send(request, context, setup, toBody(last, context.model)));
        },
    ),
  },
  {
    name: "sends the first part of a message alone",
    caughtBy: "chat/parts",
    definition: overHttp(
      (setup) =>
        async function* firstPart(request, context) {
          const messages = request.messages.map((message) => ({
            ...message,
            content: message.content.slice(0, 1),
          })) as typeof request.messages;
          const body = toBody({ ...request, messages }, context.model);
          yield* read(await send(request, context, setup, body));
        },
    ),
  },
  {
    name: "passes over images",
    caughtBy: "chat/images",
    definition: closure({ chat: () => say(answer) }),
  },
  {
    name: "gives vectors in another order",
    caughtBy: "embedding/one-each",
    definition: closure({
      embedding: async ({ input }) => ({
        embeddings: input
          .map((text) => [Math.cos(text.length), Math.sin(text.length)])
          .toReversed(),
        usage: {},
      }),
    }),
  },
  {
    name: "gives vectors of any length",
    caughtBy: "embedding/unit-length",
    definition: closure({
      embedding: async ({ input }) => ({
        embeddings: input.map((text) => [text.length, 1]),
        usage: {},
      }),
    }),
  },
  {
    name: "takes a few texts at once, and drops the others",
    caughtBy: "embedding/many",
    definition: closure({
      embedding: async ({ input }) => ({
        embeddings: input.slice(0, 100).map(() => unit),
        usage: {},
      }),
    }),
  },
  {
    name: "judges the best label alone",
    caughtBy: "classification/labels",
    definition: closure({
      classification: async ({ labels = [] }) => ({
        labels: [{ label: labels[0]!, score: 1 }],
        usage: {},
      }),
    }),
  },
  {
    name: "gives logits as scores",
    caughtBy: "classification/scores",
    definition: closure({
      classification: async ({ labels = [] }) => ({
        labels: labels.map((label, at) => ({ label, score: 4 - at * 3 })),
        usage: {},
      }),
    }),
  },
  {
    name: "counts documents from 1",
    caughtBy: "rerank/fits",
    definition: closure({
      rerank: async ({ documents }) => ({
        results: documents.map((_, at) => ({ index: at + 1, score: -at })),
        usage: {},
      }),
    }),
  },
];
