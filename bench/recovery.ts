import { setTimeout as sleep } from "node:timers/promises";
import { createModelyard } from "../src/index.ts";
import { preparedModels } from "../test/peers/ollama-store.ts";
import { startOllama } from "../test/peers/ollama.ts";
import { milliseconds } from "./interleave.ts";
import type { BarGroup } from "./row.ts";

/** An Ollama that is killed and comes back: seen, and answering again. */
export const recovery: BarGroup = async ({ say }) => {
  await using ollama = await startOllama();
  await using modelyard = createModelyard({
    backends: { ollama: { type: "ollama", baseUrl: ollama.url, contextSize: 1024 } },
  });
  const healthy = Promise.withResolvers<void>();
  const unhealthy = Promise.withResolvers<void>();
  modelyard.on("health", ({ backend, status }) => {
    if (backend === "ollama") (status === "healthy" ? healthy : unhealthy).resolve();
  });
  const ask = () =>
    modelyard.chat({ prompt: "Hello.", maxTokens: 4 }, { model: `ollama/${preparedModels.chat}` });

  say("an answer, then Ollama is killed");
  await ask();
  await healthy.promise;
  const killedAt = performance.now();
  const gone = ollama.kill();
  await unhealthy.promise;
  const seenMs = performance.now() - killedAt;
  await gone;
  say("Ollama is back");
  await ollama.startAgain();
  const backAt = performance.now();
  let failures = 0;
  for (;;) {
    try {
      await ask();
      break;
    } catch (error) {
      if (++failures > 100) throw error;
      await sleep(100);
    }
  }
  const answeredMs = performance.now() - backAt;
  return [
    {
      what: "Ollama killed, until it is known to be unhealthy",
      ours: milliseconds(seenMs),
      bar: "≤ 2,000 ms",
      met: seenMs <= 2_000,
    },
    {
      what: "Ollama back, until the first good answer",
      ours: milliseconds(answeredMs),
      bar: "≤ 5,000 ms",
      met: answeredMs <= 5_000,
    },
  ];
};
