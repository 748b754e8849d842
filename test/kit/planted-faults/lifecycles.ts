import { createServer } from "node:net";
import type { ChatRequest, Handlers } from "../../../src/contract/index.ts";
import {
  closure,
  lastText,
  overHttp,
  read,
  rightChat,
  say,
  send,
  wait,
  type PlantedFault,
} from "./planted-fault.ts";

type Chat = NonNullable<Handlers["chat"]>;
const right = (): Chat => (request) => say(lastText(request));
/** What a module keeps, which all of its backends share. */
const shared = { isClosed: false };

/** Faults of its life: how it starts, is asked how it is, is given up and ends. */
export const wrongLifecycles: readonly PlantedFault[] = [
  {
    name: "leaves a timer running",
    caughtBy: "lifecycle/no-handle",
    definition: closure({
      chat(request) {
        const timer = setInterval(() => {}, 60_000);
        setTimeout(() => clearInterval(timer), 8_000).unref();
        return say(lastText(request));
      },
    }),
  },
  {
    name: "leaves a socket open",
    caughtBy: "lifecycle/no-handle",
    definition: closure({
      async *chat(request) {
        const server = createServer().listen(0);
        setTimeout(() => server.close(), 8_000).unref();
        yield* say(lastText(request));
      },
    }),
  },
  {
    name: "listens as soon as it is made",
    caughtBy: "lifecycle/create-touches-nothing",
    definition: {
      ...closure({ chat: right() }),
      create() {
        const server = createServer().listen(0);
        server.unref();
        return { capabilities: { chat: right() }, shutdown: async () => void server.close() };
      },
    },
    options: { only: ["lifecycle/create-touches-nothing"] },
  },
  {
    name: "can't be shut down twice",
    caughtBy: "lifecycle/shutdown-twice",
    definition: {
      ...closure({}),
      create() {
        let isClosed = false;
        return {
          capabilities: { chat: right() },
          async shutdown() {
            if (isClosed) throw new Error("It is closed already.");
            isClosed = true;
          },
        };
      },
    },
  },
  {
    name: "closes for good what its module keeps",
    caughtBy: "lifecycle/again",
    definition: {
      ...closure({}),
      create() {
        let isMine = false;
        return {
          capabilities: {
            async *chat(request: ChatRequest) {
              if (shared.isClosed && !isMine) throw new Error("It is closed.");
              isMine = true;
              yield* say(lastText(request));
            },
          },
          async shutdown() {
            if (isMine) shared.isClosed = true;
          },
        };
      },
    },
    options: { only: ["lifecycle/again"] },
  },
  {
    name: "waits in shutdown for calls that do not end",
    caughtBy: "lifecycle/shutdown-during-calls",
    definition: {
      ...overHttp(rightChat),
      create(setup) {
        const calls = { running: 0 };
        const chat = rightChat(setup as never);
        return {
          capabilities: {
            async *chat(request: ChatRequest, context: Parameters<Chat>[1]) {
              calls.running += 1;
              try {
                yield* chat(request, context);
              } finally {
                calls.running -= 1;
              }
            },
          },
          async shutdown() {
            while (calls.running > 0) await wait(10);
          },
        };
      },
    },
  },
  {
    name: "ignores the signal of its start",
    caughtBy: "lifecycle/abandoned-start",
    definition: overHttp(rightChat, ({ fetch, config }) => ({
      initialize: async () => void (await fetch(`${config.baseUrl}/v1/models`)),
    })),
  },
  {
    name: "is always healthy",
    caughtBy: "health/unreachable",
    definition: overHttp(rightChat, ({ fetch, config }) => ({
      async healthCheck(signal) {
        try {
          await (await fetch(`${config.baseUrl}/v1/models`, { signal })).text();
        } catch {
          // It looks away.
        }
        return { status: "healthy" };
      },
    })),
  },
  {
    name: "asks a model how it is",
    caughtBy: "health/free",
    definition: overHttp(rightChat, ({ fetch, config }) => ({
      async healthCheck(signal) {
        const body = JSON.stringify({ messages: [{ role: "user", content: "hi" }] });
        const url = `${config.baseUrl}/v1/chat/completions`;
        await (await fetch(url, { method: "POST", body, signal })).text();
        return { status: "healthy" };
      },
    })),
  },
  {
    name: "lists a model twice",
    caughtBy: "models/list",
    definition: closure(
      { chat: right() },
      { listModels: async () => [{ name: "small" }, { name: "small" }] },
    ),
  },
  {
    name: "gives a reason of health that is no text",
    caughtBy: "health/healthy",
    definition: closure(
      { chat: right() },
      { healthCheck: async () => ({ status: "healthy", reason: 5 as never }) },
    ),
  },
  {
    name: "gives of its load what is no figure",
    caughtBy: "models/load",
    definition: closure({ chat: right() }, { load: async () => null as never }),
  },
  {
    name: "does not come back from being unloaded",
    caughtBy: "models/load-unload",
    definition: {
      ...closure({}),
      create() {
        let isUnloaded = false;
        return {
          capabilities: {
            async *chat(request: ChatRequest) {
              if (isUnloaded) throw new Error("It is not loaded.");
              yield* say(lastText(request));
            },
          },
          unload: async () => void (isUnloaded = true),
        };
      },
    },
  },
  {
    name: "ignores its signal",
    caughtBy: "cancellation/waiting",
    options: { only: ["cancellation/waiting"] },
    definition: closure({
      async *chat(request, { signal }) {
        await wait(50);
        if (signal.aborted) await wait(1_500);
        yield* say(lastText(request));
      },
    }),
  },
  {
    name: "does not tell its server that nobody waits",
    caughtBy: "cancellation/answering",
    options: { only: ["cancellation/answering"] },
    definition: overHttp(
      (setup) =>
        async function* secretly(request, context) {
          const own = { ...context, fetch: setup.fetch };
          const response = await send(request, own, setup);
          const reading = read(response);
          const gone = new Promise<never>((_, reject) => {
            context.signal.addEventListener("abort", () => reject(new Error("It was given up.")));
          });
          gone.catch(() => {}); // told by the race
          for (;;) {
            const step = await Promise.race([reading.next(), gone]);
            if (step.done === true) return;
            yield step.value;
          }
        },
    ),
  },
  {
    name: "answers otherwise once a call was given up",
    caughtBy: "cancellation/after",
    definition: {
      ...closure({}),
      create() {
        let isSpoilt = false;
        return {
          capabilities: {
            async *chat(request: ChatRequest, { signal }: Parameters<Chat>[1]) {
              signal.addEventListener("abort", () => (isSpoilt = true));
              yield* say(isSpoilt ? "spoilt" : lastText(request));
            },
          },
        };
      },
    },
    options: { only: ["cancellation/after"] },
  },
];
