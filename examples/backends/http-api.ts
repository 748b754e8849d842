/** A typical HTTP API: it lists its models, and streams an answer as server-sent events. What is yours is marked 1 to 5. */
import { defineBackend, readJson, readJsonEvents, requestJson } from "modelyard/backend";
import { toTextMessages, warnOfIgnored, z } from "modelyard/backend";

// 1. The shapes of what it sends, as far as you need them.
const Models = z.object({ models: z.array(z.object({ id: z.string() })) });
const Event = z.object({ text: z.string().optional(), done: z.boolean().optional() });

export default defineBackend({
  type: "http-api", // 2. What a configuration calls it, and what it may say of it.
  description: "An HTTP API.",
  config: z.strictObject({
    baseUrl: z.url().default("http://127.0.0.1:8080"),
    apiKey: z.string().default("none"),
  }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat"],
  create({ config: { baseUrl, apiKey }, fetch, secret }) {
    secret(apiKey);
    const headers = { authorization: `Bearer ${apiKey}` };
    // 3. Where it lists its models.
    const list = async (signal: AbortSignal) =>
      readJson(await requestJson(fetch, `${baseUrl}/models`, { headers, signal }), Models);
    return {
      listModels: async (signal) => (await list(signal)).models.map(({ id }) => ({ name: id })),
      healthCheck: async (signal) => list(signal).then(() => ({ status: "healthy" })),
      capabilities: {
        // 4. What it is asked. What you use of the request is taken out of `rest`; the caller is warned of the others.
        async *chat({ messages, maxTokens, temperature, ...rest }, context) {
          warnOfIgnored(rest, context);
          const { fetch, model } = context;
          const asked = { model, messages: toTextMessages(messages), temperature };
          const body = { ...asked, max_tokens: maxTokens, stream: true };
          const response = await requestJson(fetch, `${baseUrl}/chat`, { headers, body, model });
          // 5. What it answers. The last event is `finish`, and comes only when the answer is whole.
          for await (const { text, done } of readJsonEvents(response, Event)) {
            if (text) yield { type: "text-delta", text };
            if (done) yield { type: "finish", reason: "stop", usage: {} };
          }
        },
      },
    };
  },
});
