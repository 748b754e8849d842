import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  defineBackend,
  type ChatEvent,
  type ChatRequest,
  type Handlers,
} from "../../contract/index.ts";

const finish: ChatEvent = { type: "finish", reason: "stop", usage: { outputTokens: 1 } };
const delta = (text: string): ChatEvent => ({ type: "text-delta", text });

function said({ messages }: ChatRequest): { behaviour: string; words: string[] } {
  const { content } = messages.at(-1) as { content: string | { text?: string }[] };
  const text = typeof content === "string" ? content : (content[0]?.text ?? "");
  const [behaviour = "", ...words] = text.split(" ");
  return { behaviour, words };
}

/** What the handlers have noted, for tests that ask what happened on this side. */
const notes = { produced: 0, abortReason: "", generatorEnded: false };

/** Chat does what the last message's first word says. */
const chat: Handlers["chat"] = async function* (request, context) {
  const { behaviour, words } = said(request);
  const { signal } = context;
  signal.addEventListener(
    "abort",
    () => (notes.abortReason = String((signal.reason as { code?: string }).code)),
  );
  switch (behaviour) {
    case "echo":
      for (const word of words) {
        await sleep(1);
        yield delta(word);
      }
      break;
    case "tell":
      context.warn("dropped");
      context.progress({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
      break;
    case "many":
      notes.produced = 0;
      try {
        for (let index = 0; index < Number(words[0]); index++) {
          notes.produced++;
          yield delta(String(index));
        }
      } finally {
        notes.generatorEnded = true;
      }
      break;
    case "huge":
      for (let index = 0; index < 4; index++) yield delta(String(index).repeat(5_000_000));
      break;
    case "slow":
      for (;;) {
        await sleep(20, undefined, { signal });
        yield delta("tick");
      }
    case "deaf":
      yield delta("begun");
      await sleep(60_000);
      break;
    case "string":
      throw "a plain string";
    case "uncopyable":
      yield delta("begun");
      yield { type: "text-delta", text: (() => "") as unknown as string };
      break;
    case "block":
      yield delta("begun");
      for (const untilMs = Date.now() + 60_000; Date.now() < untilMs;);
      break;
    case "quote":
      process.stderr.write(`failed on ${words.join(" ")}\nsomething native\n`);
      await sleep(50);
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000);
      break;
    case "kill":
    case "abort":
      for (let index = 0; index < Number(words[0]); index++) yield delta(String(index));
      await sleep(50);
      if (behaviour === "abort") process.abort();
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000);
  }
  yield finish;
};

/** A backend for tests of the process wall. */
export default defineBackend({
  type: "fixture",
  config: z.object({ createFails: z.boolean().optional(), dieAtStart: z.boolean().optional() }),
  isolate: "handlers",
  module: import.meta.url,
  create({ config, log }) {
    const inChild = process.title.startsWith("modelyard engine");
    if (config.createFails === true && inChild) throw new Error("no binary fits");
    if (config.dieAtStart === true && inChild) process.exit(3);
    return {
      capabilities: {
        chat,
        async embedding({ input }) {
          const [text] = input;
          if (text === "die") process.kill(process.pid, "SIGKILL");
          if (text === "pid") return { embeddings: [[process.pid]], usage: {} };
          if (text === "environment") {
            return { embeddings: [[Number(process.env["UV_THREADPOOL_SIZE"])]], usage: {} };
          }
          if (text === "notes") return { embeddings: [], usage: { raw: { ...notes } } };
          if (text === "print") process.stdout.write("printed\n");
          if (text === "import") await import(input[1] ?? "");
          return {
            embeddings: input.map((each) => [each.length, 0.5]),
            usage: { inputTokens: input.length },
          };
        },
      },
      async load(model, { progress, signal }) {
        log.info(`loading ${model}`);
        progress({ phase: "load", model, fraction: 0.5 });
        if (model === "slow") await sleep(60_000, undefined, { signal });
        return { memoryBytes: 42 };
      },
      async unload() {},
      async listModels() {
        return [{ name: `listed in ${process.pid}` }];
      },
      async shutdown() {
        log.info("shutting down");
      },
    };
  },
});
