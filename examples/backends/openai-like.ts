/** A server that speaks OpenAI's API, by hand. (The kind `openai-compatible` does this and much more.) */
import { defineBackend, readJson, readJsonEvents, requestJson, z } from "modelyard/backend";
import { toTextMessages, warnOfIgnored } from "modelyard/backend";

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });
const Choice = z.object({
  delta: z.object({ content: z.string().nullish() }),
  finish_reason: z.string().nullish(),
});
const Usage = z.object({ completion_tokens: z.int() });
const Chunk = z.object({ choices: z.array(Choice), usage: Usage.nullish() });

export default defineBackend({
  type: "openai-like",
  config: z.strictObject({ baseUrl: z.url(), apiKey: z.string() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat"],
  create({ config: { baseUrl, apiKey }, fetch, secret }) {
    secret(apiKey);
    const headers = { authorization: `Bearer ${apiKey}` };
    return {
      async listModels(signal) {
        const response = await requestJson(fetch, `${baseUrl}/models`, { headers, signal });
        return (await readJson(response, Models)).data.map(({ id }) => ({ name: id }));
      },
      capabilities: {
        async *chat({ messages, maxTokens, temperature, stop, ...rest }, context) {
          warnOfIgnored(rest, context);
          const { fetch, model } = context;
          const asked = { model, messages: toTextMessages(messages), temperature, stop };
          const stream = { stream: true, stream_options: { include_usage: true } };
          const body = { ...asked, ...stream, max_tokens: maxTokens };
          const options = { headers, model, body };
          const response = await requestJson(fetch, `${baseUrl}/chat/completions`, options);
          let end: string | undefined;
          let usage = {};
          for await (const { choices, usage: used } of readJsonEvents(response, Chunk)) {
            const { delta, finish_reason: reason } = choices[0] ?? {};
            if (delta?.content) yield { type: "text-delta", text: delta.content };
            end = reason ?? end;
            if (used) usage = { outputTokens: used.completion_tokens };
          }
          // Without a reason it broke off: without `finish` the caller hears of it.
          if (end) yield { type: "finish", reason: end === "length" ? "length" : "stop", usage };
        },
      },
    };
  },
});
