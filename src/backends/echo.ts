import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { textOf } from "../contract/capabilities/chat.ts";

const ignored = {
  maxTokens: "warned",
  temperature: "warned",
  topP: "warned",
  stop: "warned",
  seed: "warned",
  topK: "warned",
  frequencyPenalty: "warned",
  presencePenalty: "warned",
  logitBias: "warned",
  logprobs: "warned",
  providerOptions: "warned",
  tools: "warned",
  toolChoice: "warned",
  parallelToolCalls: "warned",
  reasoningEffort: "warned",
  responseSchema: "warned",
} as const;

/** Says back what it is told, a word at a time: for trying things out without a model. */
export default defineBackend({
  type: "echo",
  description: "Says back what it is told.",
  module: import.meta.url,
  config: z.strictObject({}),
  atRunTime: { takes: [] },
  sends: "nothing",
  capabilities: ["chat"],
  parameters: { chat: ignored },
  create: () => ({
    capabilities: {
      async *chat({ messages, ...request }, { warn }) {
        for (const [name, value] of Object.entries(request))
          if (value !== undefined) warn(`echo says back what it is told: ${name} was ignored.`);
        if (messages.at(-1)!.content.some(({ type }) => type === "image"))
          warn("echo says back what it is told: images were ignored.");
        const words = textOf(messages.at(-1)!).split(/(?<=\s)/);
        for (const text of words) yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: { outputTokens: words.length } };
      },
    },
  }),
});
