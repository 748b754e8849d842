import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineBackend } from "../../contract/backend.ts";
import { textOf } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";

/** Signals of the calls that `trial/stuck` and `trial/slow` were given, in the order of their coming. */
export const signals: AbortSignal[] = [];

/** A backend whose models behave as their names say. */
export default defineBackend({
  type: "trial",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat({ messages }, { model, signal, warn, progress }) {
        signals.push(signal);
        if (model === "broken") throw new Error("secret /etc/passwd");
        if (model === "refusing") {
          throw new ModelyardError("rate-limited", "Too many.", {
            remedy: "Wait.",
            retryAfterMs: 5,
          });
        }
        if (model === "stuck") {
          process.stderr.write("stuck\n");
          signal.addEventListener("abort", () => void process.stderr.write("stopped\n"));
          await sleep(60_000, undefined, { signal });
        }
        if (model === "waiting") {
          progress({ phase: "queue", position: 2 });
          await sleep(200, undefined, { signal });
          progress({ phase: "load", model, fraction: 0.5 });
          await sleep(1_500, undefined, { signal });
        }
        if (model === "warning") warn("topP was dropped.");
        const words = textOf(messages.at(-1)!).split(/(?<=\s)/);
        for (const text of words) {
          if (model === "slow") await sleep(30, undefined, { signal });
          yield { type: "text-delta", text };
        }
        yield { type: "finish", reason: "stop", usage: { outputTokens: words.length, raw: {} } };
      },
      async embedding({ input }, { model }) {
        const dimensions = model === "wide" ? 4096 : 3;
        const row = Array.from({ length: dimensions }, (_, index) => Math.sin(index + 1));
        return { embeddings: input.map(() => row), usage: { inputTokens: input.length } };
      },
    },
    listModels: async () =>
      [
        "plain",
        "slow",
        "stuck",
        "waiting",
        "broken",
        "refusing",
        "warning",
        "wide",
        "org/with space:q4",
      ].map((name) => ({ name, loaded: false })),
    async *pull(model) {
      for (let doneBytes = 0; doneBytes <= 1_000_000; doneBytes += 250_000) {
        yield { phase: "pull" as const, model, doneBytes, totalBytes: 1_000_000 };
        await sleep(200);
      }
    },
  }),
});
