/** Chat and embedding written by hand; completion and classification are derived from them. `npm run demo:backend` uses it. */
import { defineBackend, readJson, readJsonEvents, requestJson } from "modelyard/backend";
import { toTextMessages, unitVector, warnOfIgnored, z } from "modelyard/backend";

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });
const Delta = z.object({ content: z.string().optional() });
const Choice = z.object({ delta: Delta, finish_reason: z.string().nullish() });
const Chunk = z.object({ choices: z.array(Choice) });
const Vectors = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })) });

export default defineBackend({
  type: "acme",
  description: "A server on this device.",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }), // how far a prompt goes is told from this
  atRunTime: { takes: ["baseUrl"] }, // may be registered while it runs
  capabilities: ["chat", "embedding"],
  create({ config: { baseUrl }, fetch: ask }) {
    const list = async (signal: AbortSignal) =>
      readJson(await requestJson(ask, `${baseUrl}/v1/models`, { signal }), Models);
    return {
      healthCheck: (signal) => list(signal).then(() => ({ status: "healthy" })),
      listModels: async (signal) => (await list(signal)).data.map(({ id }) => ({ name: id })),
      capabilities: {
        async *chat({ messages, maxTokens, ...rest }, context) {
          warnOfIgnored(rest, context);
          const { fetch, model } = context;
          const asked = { model, messages: toTextMessages(messages), max_tokens: maxTokens };
          const options = { body: { ...asked, stream: true }, model };
          const response = await requestJson(fetch, `${baseUrl}/v1/chat/completions`, options);
          for await (const { choices } of readJsonEvents(response, Chunk)) {
            const [choice] = choices;
            if (choice?.delta.content) yield { type: "text-delta", text: choice.delta.content };
            if (choice?.finish_reason) yield { type: "finish", reason: "stop", usage: {} };
          }
        },
        async embedding({ input, ...rest }, context) {
          warnOfIgnored(rest, context);
          const { fetch, model } = context;
          const options = { body: { model, input }, model };
          const response = await requestJson(fetch, `${baseUrl}/v1/embeddings`, options);
          const { data } = await readJson(response, Vectors);
          return { embeddings: data.map(({ embedding }) => unitVector(embedding)), usage: {} };
        },
      },
    };
  },
});
