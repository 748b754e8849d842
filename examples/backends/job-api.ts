/** An API whose answers are jobs: begun by one request, asked for by others, and stopped where nobody waits any more. */
import { defineBackend, z } from "modelyard/backend";
import { readJson, requestJson, toPrompt, warnOfIgnored } from "modelyard/backend";

const Begun = z.object({ job: z.string() });
const Part = z.object({
  text: z.string(),
  next: z.int(),
  state: z.enum(["working", "done"]),
  tokens: z.object({ in: z.int(), out: z.int() }),
});

export default defineBackend({
  type: "job-api",
  description: "An API whose answers are jobs.",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat"],
  create: ({ config: { baseUrl }, fetch }) => ({
    capabilities: {
      async *chat({ messages, maxTokens, ...rest }, context) {
        warnOfIgnored(rest, context);
        const { model } = context;
        const body = { model, input: toPrompt(messages), limit: maxTokens };
        const begun = await requestJson(context.fetch, `${baseUrl}/jobs`, { body, model });
        const job = `${baseUrl}/jobs/${(await readJson(begun, Begun)).job}`;
        let part: z.output<typeof Part> | undefined;
        try {
          while (part?.state !== "done") {
            const url = `${job}?from=${part?.next ?? 0}`;
            part = await readJson(await requestJson(context.fetch, url, { model }), Part);
            if (part.text !== "") yield { type: "text-delta", text: part.text };
          }
        } finally {
          // context.fetch has ended with the call; the fetch of create has not.
          if (part?.state !== "done") {
            const stop = { method: "DELETE", signal: AbortSignal.timeout(2_000) };
            await requestJson(fetch, job, stop).catch(() => {}); // then its server ends it in its own time
          }
        }
        const usage = { inputTokens: part.tokens.in, outputTokens: part.tokens.out };
        yield { type: "finish", reason: "stop", usage };
      },
    },
  }),
});
