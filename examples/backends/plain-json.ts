/** A plain JSON API that does not stream: a text in, a text out. The answer is one event and its `finish`. */
import { defineBackend, readJson, requestJson, z } from "modelyard/backend";
import { toPrompt, warnOfIgnored, type CallContext, type CompletionEvent } from "modelyard/backend";

const Answer = z.object({
  output: z.string(),
  truncated: z.boolean().default(false),
  tokens: z.object({ in: z.int(), out: z.int() }).optional(),
});

export default defineBackend({
  type: "plain-json",
  description: "An API that answers in one piece.",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat", "completion"],
  create({ config: { baseUrl }, fetch }) {
    async function* generate(body: object, at: CallContext): AsyncGenerator<CompletionEvent> {
      const options = { body: { model: at.model, ...body }, model: at.model };
      const response = await requestJson(at.fetch, `${baseUrl}/generate`, options);
      const { output, truncated, tokens } = await readJson(response, Answer);
      yield { type: "text-delta", text: output };
      const usage = tokens ? { inputTokens: tokens.in, outputTokens: tokens.out } : {};
      yield { type: "finish", reason: truncated ? "length" : "stop", usage };
    }
    return {
      async healthCheck(signal) {
        await requestJson(fetch, `${baseUrl}/health`, { signal });
        return { status: "healthy" };
      },
      listModels: async () => [{ name: "standard" }],
      capabilities: {
        chat({ messages, maxTokens, ...rest }, context) {
          warnOfIgnored(rest, context);
          return generate({ input: toPrompt(messages), limit: maxTokens }, context);
        },
        completion({ prompt, maxTokens, ...rest }, context) {
          warnOfIgnored(rest, context);
          return generate({ input: prompt, limit: maxTokens }, context);
        },
      },
    };
  },
});
