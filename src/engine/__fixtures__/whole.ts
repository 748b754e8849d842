import { setTimeout as sleep } from "node:timers/promises";
import { defineBackend, ModelyardError, z } from "../../contract/index.ts";
import { readJson } from "../../contract/http/read-json.ts";
import { requestJson } from "../../contract/http/request-json.ts";

const other = defineBackend({
  type: "other",
  config: z.strictObject({}),
  create: () => ({ capabilities: {} }),
});

const says = (text: string) => ({ type: "text-delta" as const, text });

/** A backend that goes behind the wall with all that it has: each method says what happened on its side. */
const whole = defineBackend({
  type: "whole",
  config: z.strictObject({ url: z.string().default("http://127.0.0.1:9"), since: z.unknown() }),
  module: import.meta.url,
  upstream: ({ url }) => ({ url }),
  create({ name, config, directory, fetch, log, unloaded, secret }) {
    let initialised = 0;
    const asked = async (by: typeof globalThis.fetch, signal: AbortSignal) =>
      readJson(await requestJson(by, config.url, { signal }));
    return {
      capabilities: {
        async *chat({ messages }, { signal, fetch: own, warn, progress }) {
          const [part] = messages[0]!.content as { text: string }[];
          const [behaviour = "", value = ""] = part!.text.split(" ");
          switch (behaviour) {
            case "self":
              yield says(JSON.stringify({ pid: process.pid, name, directory, initialised }));
              break;
            case "ask":
              warn("asking");
              progress({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
              yield says(JSON.stringify(await asked(own, signal)));
              break;
            case "leak":
              secret(value);
              log.info(`it knows ${value}`);
              throw new ModelyardError("backend-error", `Refused with ${value}.`);
            case "exit":
              yield says("begun");
              console.log("going");
              process.exit(7);
            case "abort":
              process.abort();
            case "unload":
              unloaded(value);
              break;
            case "spin":
              yield says("begun");
              for (;;);
            case "deaf":
              yield says("begun");
              await sleep(300);
          }
          yield { type: "finish", reason: "stop", usage: {} };
        },
      },
      async initialize() {
        initialised++;
      },
      async healthCheck(signal) {
        await asked(fetch, signal);
        return { status: "healthy", reason: `from ${process.pid}` };
      },
      async listModels() {
        return [{ name: "small" }];
      },
      takesAnyModel: () => true,
      async *pull(model, { sha256 }) {
        yield { phase: "pull", model, doneBytes: 1 };
        if (model === "missing") throw new ModelyardError("model-not-found", "It is nowhere.");
        return { name: `${model}:latest`, ...(sha256 !== undefined && { sha256 }) };
      },
      async load(model, { progress }) {
        progress({ phase: "load", model, fraction: 1 });
        return { memoryBytes: 7 };
      },
      async unload() {},
      async shutdown() {
        log.info("shutting down");
      },
    };
  },
});

export default [other, whole];
