import { setTimeout as sleep } from "node:timers/promises";
import { createModelyard } from "../src/index.ts";
import { startLlamaServer } from "../test/peers/llama-server.ts";
import { smallModel } from "../test/peers/small-model.ts";
import { chatWithModelyard, chatWithServer, type Chat } from "./chat-clients.ts";
import { median, milliseconds } from "./interleave.ts";
import { chatModelFolder } from "./model-folder.ts";
import { cpuMsOf, runningEngines } from "./process-tree.ts";
import { factsPrompt, storyPrompt } from "./prompts.ts";
import type { BarGroup, Row } from "./row.ts";

/** Something that computes, and the process that it computes in. */
interface Side {
  readonly chat: Chat;
  readonly pid: number;
}

/** When to cancel, and what. */
interface Moment {
  readonly what: string;
  readonly limitMs: number;
  /** Starts an answer and settles when it is to be cancelled. */
  begin(chat: Chat, mark: string, signal: AbortSignal): Promise<void>;
}

/** Long enough into a prompt of some ten seconds. */
const intoPromptMs = 1500;
const moments: Moment[] = [
  {
    what: "cancel while decoding, until the engine is quiet",
    limitMs: 200,
    begin: (chat, mark, signal) =>
      new Promise((resolve, reject) => {
        let pieces = 0;
        const onText = () => ++pieces === 20 && resolve();
        const messages = [{ role: "user" as const, content: storyPrompt(mark) }];
        // What it throws once it is cancelled is what is wanted; by then this has settled.
        chat({ messages, maxTokens: 1000, signal, onText }).then(
          ({ outputTokens }) => reject(new Error(`It ended after ${outputTokens} tokens.`)),
          reject,
        );
      }),
  },
  {
    what: "cancel in a prompt, until the engine is quiet",
    limitMs: 500,
    begin: async (chat, mark, signal) => {
      const messages = [{ role: "user" as const, content: factsPrompt(mark, 50) }];
      const answer = chat({ messages, maxTokens: 4, signal }).then(() => {
        throw new Error("The prompt was read before it could be cancelled.");
      });
      // What it throws when it is cancelled later is what is wanted.
      answer.catch(() => {});
      await Promise.race([sleep(intoPromptMs), answer]);
    },
  },
];

/** How soon a cancelled answer costs nothing any more, seen by the CPU time of the engine's process; llama.cpp's server beside it. */
export const cancel: BarGroup = async ({ rounds, say }) => {
  const modelsDir = await chatModelFolder();
  await using peers = new AsyncDisposableStack();
  const server = await startLlamaServer({ model: await smallModel(), contextTokens: 4096 });
  peers.defer(server.stop);
  await using modelyard = createModelyard({
    backends: { "llama-cpp": { type: "llama-cpp", threads: 1, gpu: false, modelsDir } },
  });
  const chats = { ours: chatWithModelyard(modelyard), theirs: chatWithServer(server.url) };
  const hello = { messages: [{ role: "user" as const, content: "Hello." }], maxTokens: 4 };
  for (const chat of Object.values(chats)) await chat(hello);
  const [engine] = await runningEngines();
  if (engine === undefined) throw new Error("No engine is running.");
  const sides: Record<"ours" | "theirs", Side> = {
    ours: { chat: chats.ours, pid: engine },
    theirs: { chat: chats.theirs, pid: server.pid },
  };

  const rows: Row[] = [];
  for (const moment of moments) {
    say(moment.what);
    const figures = { ours: [] as number[], theirs: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      for (const side of ["theirs", "ours"] as const)
        figures[side].push(await quietAfterMs(moment, sides[side], `${round} ${side}`));
    }
    const ours = median(figures.ours);
    rows.push({
      what: moment.what,
      ours: milliseconds(ours),
      theirs: milliseconds(median(figures.theirs)),
      bar: `≤ ${moment.limitMs} ms`,
      met: ours <= moment.limitMs,
    });
  }
  return rows;
};

const sampleMs = 10;
/** So long an engine must rest before it counts as quiet: on a busy machine one that computes may wait for its turn. */
const restMs = 500;
/** What it may spend while it rests: two ticks, as its event loop may stir. */
const stirMs = 20;
const longestMs = 15_000;

async function quietAfterMs({ begin }: Moment, { chat, pid }: Side, mark: string): Promise<number> {
  const controller = new AbortController();
  await begin(chat, mark, controller.signal);
  const beforeMs = await cpuMsOf(pid);
  await sleep(restMs);
  if ((await cpuMsOf(pid)) - beforeMs <= stirMs) {
    throw new Error(`Process ${pid} was not computing when it was to be cancelled (${mark}).`);
  }

  controller.abort();
  const cancelledAt = performance.now();
  const samples: { atMs: number; cpuMs: number }[] = [];
  for (;;) {
    const cpuMs = await cpuMsOf(pid);
    const atMs = performance.now() - cancelledAt;
    samples.push({ atMs, cpuMs });
    const settled = samples.find((sample) => cpuMs - sample.cpuMs <= stirMs);
    if (settled !== undefined && atMs - settled.atMs >= restMs) return settled.atMs;
    if (atMs > longestMs) throw new Error(`It still computed after ${longestMs} ms.`);
    await sleep(sampleMs);
  }
}
