/** The command line over a backend that takes its time: answers a word every 50 ms without end, and fetches a byte at a time. */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { services } from "../../src/app/services.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { defineBackend } from "../../src/contract/backend.ts";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import { textOf } from "../../src/contract/capabilities/chat.ts";
import { deferGateway } from "../../src/gateway/deferred-gateway.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { parseConfiguration } from "../../src/gateway/parse-configuration.ts";

/** Where a test reads what became of the backend's work. */
const diary = process.env["SLOW_DIARY"];
const note = (line: string) => diary !== undefined && fs.appendFileSync(diary, `${line}\n`);

const slow = defineBackend({
  type: "slow",
  config: z.strictObject({}),
  builtIn: true,
  defaults: { chat: "snail" },
  create: () => ({
    capabilities: {
      async *chat({ messages, tools, toolChoice }, { signal }) {
        if (textOf(messages.at(-1)!) === "fail") throw new Error("The snail fell over.");
        if (tools !== undefined) {
          const toolName = typeof toolChoice === "object" ? toolChoice.toolName : tools[0]!.name;
          const input = { city: "Paris" };
          yield { type: "tool-call", toolCallId: "1", toolName, input };
          yield { type: "tool-call", toolCallId: "2", toolName: "now", input: {} };
          yield { type: "finish", reason: "tool-calls", usage: {} };
          return;
        }
        process.stderr.write(process.argv[2] === "serve" ? "chat began\n" : "");
        try {
          for (let count = 1; ; count++) {
            yield { type: "text-delta", text: `word${count} ` };
            await sleep(50, undefined, { signal });
          }
        } finally {
          note("chat stopped");
        }
      },
    },
    async *pull(model, { signal }) {
      try {
        for (let doneBytes = 1; doneBytes < 10_000; doneBytes++) {
          yield { phase: "pull", model, doneBytes, totalBytes: 10_000 };
          await sleep(20, undefined, { signal });
        }
      } finally {
        note("pull stopped");
      }
    },
    listModels: async () => [{ name: "snail" }, { name: "turtle", installed: false }],
  }),
});

const code = await runCommandLine(process.argv.slice(2), {
  ...services,
  deferredGateway: ({ log }) =>
    deferGateway(async () => {
      const definitions = [slow];
      const capabilities = builtInCapabilities;
      const configuration = parseConfiguration({}, { definitions, capabilities });
      return createGateway({ configuration, definitions, log });
    }),
});
process.exit(code);
