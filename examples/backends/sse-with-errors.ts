/** An API that streams in its own words, and has its own words for what goes wrong: a table says what they mean. */
import { defineBackend, ModelyardError, responseError, z, type ErrorCode } from "modelyard/backend";
import { readJsonEvents, requestJson, toTextMessages, warnOfIgnored } from "modelyard/backend";

const Event = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("token"), text: z.string() }),
  z.object({ kind: z.literal("end"), tokens: z.int() }),
  z.object({ kind: z.literal("fault"), fault: z.string(), why: z.string() }),
]);
const Refusal = z.object({ fault: z.string() });

/** Its words → ours. What is not here is read from the status. */
const faults: Record<string, ErrorCode> = {
  E_KEY: "backend-unauthorized",
  E_NO_SUCH_MODEL: "model-not-found",
  E_TOO_LONG: "context-length-exceeded",
  E_SLOW_DOWN: "rate-limited",
};

export default defineBackend({
  type: "sse-with-errors",
  description: "An API with errors of its own.",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["chat"],
  create: ({ config: { baseUrl } }) => ({
    capabilities: {
      async *chat({ messages, temperature, ...rest }, context) {
        warnOfIgnored(rest, context);
        const { fetch, model } = context;
        const body = { model, talk: toTextMessages(messages), heat: temperature };
        const response = await requestJson(fetch, `${baseUrl}/talk`, {
          body,
          model,
          toError(failed) {
            const { fault = "" } = Refusal.safeParse(failed.body).data ?? {};
            return responseError({ ...failed, code: faults[fault] });
          },
        });
        for await (const event of readJsonEvents(response, Event)) {
          if (event.kind === "fault")
            throw new ModelyardError(faults[event.fault] ?? "backend-error", event.why, { model });
          if (event.kind === "token") yield { type: "text-delta", text: event.text };
          else yield { type: "finish", reason: "stop", usage: { outputTokens: event.tokens } };
        }
      },
    },
  }),
});
