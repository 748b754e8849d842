import type { ChatRequest } from "../../../src/contract/index.ts";
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

const shared: { asked: string; kept: unknown[]; controller: AbortController } = {
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

/** Faults of what calls share, keep and send. */
export const wrongResources: readonly PlantedFault[] = [
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
