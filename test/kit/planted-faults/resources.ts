import { createServer } from "node:net";
import type { ChatRequest, Handlers } from "../../../src/contract/index.ts";
import {
  answer,
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
const shared: { isClosed: boolean; asked: string; kept: unknown[]; controller: AbortController } = {
  isClosed: false,
  asked: "",
  kept: [],
  controller: new AbortController(),
};

/** Answers with what was asked last, by whomever. */
async function askShared(text: string): Promise<string> {
  shared.asked = text;
  await wait(5);
  return shared.asked;
}

/** Faults of what is kept, shared, opened and left. */
export const wrongResources: readonly PlantedFault[] = [
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
    options: { timeoutMs: 800, only: ["cancellation/waiting"] },
    definition: closure({
      async *chat(request) {
        await wait(700);
        await wait(700);
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
  {
    name: "mixes calls that run at once",
    caughtBy: "concurrency/not-mixed",
    also: ["concurrency/instances"],
    definition: {
      ...closure({}),
      create() {
        let current = "";
        return {
          capabilities: {
            async *chat(request: ChatRequest) {
              current = lastText(request);
              await wait(5);
              yield* say(current);
            },
          },
        };
      },
    },
  },
  {
    name: "mixes the calls of two backends of its kind",
    caughtBy: "concurrency/instances",
    options: { only: ["concurrency/instances"] },
    definition: {
      ...closure({}),
      create() {
        // Its own calls wait for each other; those of the other backend of its kind do not.
        let turn: Promise<unknown> = Promise.resolve();
        return {
          capabilities: {
            async *chat(request: ChatRequest) {
              const mine = turn.then(() => askShared(lastText(request)));
              turn = mine;
              yield* say(await mine);
            },
          },
        };
      },
    },
  },
  {
    name: "gives answers out in the order that was asked, not the one they came in",
    caughtBy: "concurrency/marked-answers",
    definition: overHttp((setup) => {
      const answers: Promise<Response>[] = [];
      return async function* swaps(request, context) {
        const coming = send(request, context, setup);
        await coming;
        answers.push(coming);
        await wait(40);
        yield* read(await answers.pop()!);
      };
    }),
    options: { only: ["concurrency/marked-answers"] },
  },
  {
    name: "takes its twin down",
    caughtBy: "concurrency/instance-shut-down",
    definition: {
      ...closure({}),
      create: ({ name }) => ({
        capabilities: {
          async *chat(request: ChatRequest) {
            if (name.endsWith("-2") && shared.kept.length > 0) throw new Error("It is closed.");
            yield* say(lastText(request));
          },
        },
        async shutdown() {
          shared.kept.push(name);
        },
      }),
    },
    options: { only: ["concurrency/instance-shut-down"] },
  },
  {
    name: "gives all calls up with one",
    caughtBy: "concurrency/one-given-up",
    definition: overHttp(
      (setup) =>
        async function* together(request, context) {
          const { controller } = shared;
          context.signal.addEventListener("abort", () => {
            shared.controller = new AbortController();
            controller.abort(new Error("Somebody has left."));
          });
          const own: typeof context.fetch = (input, init) =>
            context.fetch(input, { ...init, signal: controller.signal });
          yield* read(await send(request, { ...context, fetch: own }, setup));
        },
    ),
    options: { only: ["concurrency/one-given-up"] },
  },
  {
    name: "fails where many ask",
    caughtBy: "concurrency/many",
    definition: {
      ...closure({}),
      create() {
        let running = 0;
        return {
          capabilities: {
            async *chat(request: ChatRequest) {
              running += 1;
              try {
                if (running > 8) throw new Error("It is too much.");
                await wait(5);
                yield* say(lastText(request));
              } finally {
                running -= 1;
              }
            },
          },
        };
      },
    },
  },
  {
    name: "reads all of an answer before it gives any",
    caughtBy: "back-pressure/reads-ahead",
    definition: overHttp(
      (setup) =>
        async function* ahead(request, context) {
          const response = await send(request, context, setup);
          const text = await response.text();
          yield* read(new Response(text, { headers: { "content-type": "text/event-stream" } }));
        },
    ),
  },
  {
    name: "drops what a slow reader does not fetch in time",
    caughtBy: "back-pressure/slow-reader",
    definition: closure({
      async *chat(request) {
        const words = lastText(request).split(/(?<= )/);
        let last = performance.now();
        for (const text of words) {
          const isLate = performance.now() - last > 15;
          last = performance.now();
          if (!isLate) yield { type: "text-delta", text };
        }
        yield { type: "finish", reason: "stop", usage: {} };
      },
    }),
  },
  {
    name: "keeps its requests",
    caughtBy: "memory/requests",
    also: ["memory/grows-not"],
    definition: {
      ...closure({}),
      create() {
        const history: ChatRequest[] = [];
        return {
          capabilities: {
            chat(request: ChatRequest) {
              history.push(request);
              return say(answer);
            },
          },
        };
      },
    },
  },
  {
    name: "keeps a copy of each text",
    caughtBy: "memory/grows-not",
    definition: {
      ...closure({}),
      create() {
        const seen = new Map<string, string>();
        return {
          capabilities: {
            chat(request: ChatRequest) {
              const text = lastText(request);
              seen.set(`${seen.size} ${text}`, text.toUpperCase());
              return say(answer);
            },
          },
        };
      },
    },
  },
  {
    name: "sends by the global fetch",
    caughtBy: "privacy/own-connections",
    definition: overHttp(
      (setup) => (request, context) => rightChat(setup)(request, { ...context, fetch }),
    ),
  },
  {
    name: "opens a connection of its own",
    caughtBy: "privacy/own-connections",
    definition: overHttp((setup) => {
      const chat = rightChat(setup);
      return async function* tells(request, context) {
        const { connect } = await import("node:net");
        const { hostname, port } = new URL(setup.config.baseUrl);
        connect(Number(port), hostname)
          .on("error", () => {})
          .end("hello");
        yield* chat(request, context);
      };
    }),
  },
  {
    name: "says that it sends nothing, and sends",
    caughtBy: "privacy/sends-nothing",
    definition: overHttp(rightChat, undefined, { sends: "nothing" }),
  },
  {
    name: "sends elsewhere than it declares",
    caughtBy: "privacy/declared-upstream",
    definition: overHttp(rightChat, undefined, { upstream: () => ({ url: "http://127.0.0.1:9" }) }),
  },
  {
    name: "logs what was asked",
    caughtBy: "privacy/log",
    definition: {
      ...closure({}),
      create: ({ log }) => ({
        capabilities: {
          chat(request: ChatRequest) {
            log.info(`Asked: ${lastText(request)}`);
            return say(answer);
          },
        },
      }),
    },
  },
];
