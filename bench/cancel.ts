import { setTimeout as sleep } from "node:timers/promises";
import { createModelyard } from "../src/index.ts";
import { startLlamaServer } from "../test/peers/llama-server.ts";
import { smallModel } from "../test/peers/small-model.ts";
import { chatWithModelyard, chatWithServer, type Chat } from "./chat-clients.ts";
import { median, milliseconds } from "./interleave.ts";
import { chatModelFolder } from "./model-folder.ts";
import { cpuMsOf, enginesBelow } from "./process-tree.ts";
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
        chat({ messages, maxTokens: 1000, signal, onText }).catch(reject);
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
  const [engine = 0] = await enginesBelow();
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
/** An engine is quiet from where on, in so long, it spends no more than two ticks: its event loop may stir. */
const windowMs = 150;
const stirMs = 20;
const longestMs = 15_000;

async function quietAfterMs({ begin }: Moment, { chat, pid }: Side, mark: string): Promise<number> {
  const controller = new AbortController();
  await begin(chat, mark, controller.signal).catch(rethrowUnlessAborted(controller));
  const busyMs = await cpuIn(pid, windowMs);
  if (busyMs <= stirMs) throw new Error("The engine was not computing when it was cancelled.");

  controller.abort();
  const samples: { atMs: number; cpuMs: number }[] = [];
  const cancelledAt = performance.now();
  for (;;) {
    const atMs = performance.now() - cancelledAt;
    samples.push({ atMs, cpuMs: await cpuMsOf(pid) });
    const last = samples.at(-1)!;
    const start = samples.findLast((sample) => sample.atMs <= atMs - windowMs);
    if (start !== undefined && last.cpuMs - start.cpuMs <= stirMs) {
      // The window holds no more than a stir: quiet since its beginning.
      return start.atMs;
    }
    if (atMs > longestMs) throw new Error(`It still computed after ${longestMs} ms.`);
    await sleep(sampleMs);
  }
}

async function cpuIn(pid: number, ms: number): Promise<number> {
  const before = await cpuMsOf(pid);
  await sleep(ms);
  return (await cpuMsOf(pid)) - before;
}

function rethrowUnlessAborted({ signal }: AbortController): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
