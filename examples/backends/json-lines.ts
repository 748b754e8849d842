/** An API that streams JSON lines. Each is held to a schema: one of another shape is an error that names the field. */
import { defineBackend, readLines, requestJson, z } from "modelyard/backend";
import { toTextMessages, warnOfIgnored } from "modelyard/backend";

const Line = z.object({ text: z.string().optional(), done: z.enum(["end", "limit"]).optional() });

export default defineBackend({
  type: "json-lines",
  description: "An API that streams JSON lines.",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat"],
  create: ({ config: { baseUrl } }) => ({
    capabilities: {
      async *chat({ messages, maxTokens, ...rest }, context) {
        warnOfIgnored(rest, context);
        const { fetch, model } = context;
        const body = { model, messages: toTextMessages(messages), limit: maxTokens };
        const response = await requestJson(fetch, `${baseUrl}/lines`, { body, model });
        for await (const { text, done } of readLines(response, Line)) {
          if (text) yield { type: "text-delta", text };
          const reason = done === "limit" ? "length" : "stop";
          if (done) yield { type: "finish", reason, usage: {} };
        }
      },
    },
  }),
});
