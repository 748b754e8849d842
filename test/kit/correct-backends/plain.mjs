import {
  defineBackend,
  ModelyardError,
  readEvents,
  requestJson,
  z,
} from "../../../src/contract/index.ts";

/** Plain JavaScript: one generator reads, another makes events of it. */
async function* tokens(response) {
  for await (const { data } of readEvents(response)) {
    if (data === "[DONE]") return;
    const { choices } = JSON.parse(data);
    if (!Array.isArray(choices))
      throw new ModelyardError("invalid-response", "What came has no choices.");
    const text = choices[0]?.text;
    if (text) yield text;
    if (choices[0]?.finish_reason) yield null;
  }
}

export default defineBackend({
  type: "plain",
  config: z.strictObject({ baseUrl: z.url(), token: z.string().optional() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  create({ config, secret }) {
    if (config.token) secret(config.token);
    return {
      capabilities: {
        async *completion({ prompt, maxTokens, temperature, ...rest }, { fetch, model, warn }) {
          for (const name of Object.keys(rest)) warn(`${name} is ignored.`);
          const headers = config.token ? { "x-token": config.token } : {};
          const body = { model, prompt, max_tokens: maxTokens, temperature, stream: true };
          const response = await requestJson(fetch, `${config.baseUrl}/v1/completions`, {
            body,
            headers,
          });
          let ended = false;
          for await (const text of tokens(response)) {
            if (text === null) ended = true;
            else yield { type: "text-delta", text };
          }
          if (ended) yield { type: "finish", reason: "stop", usage: {} };
        },
      },
    };
  },
});
