/** Wraps another backend: every chat begins with the house's rules, whatever model answers it. */
import { defineBackend, z, type ChatMessage } from "modelyard/backend";
import inner from "./sse-with-errors.ts";

export default defineBackend({
  type: "with-rules",
  description: "Another backend, with a system prompt before all others.",
  config: z.strictObject({
    rules: z.string().min(1).default("Answer in one sentence."),
    ...inner.config.shape,
  }),
  // It sends where the one inside sends, so privacy holds for it in the same way.
  upstream: ({ baseUrl }) => inner.upstream?.({ baseUrl }),
  capabilities: ["chat"],
  create({ config: { rules, ...config }, ...setup }) {
    const backend = inner.create({ ...setup, config });
    const first: ChatMessage = { role: "system", content: [{ type: "text", text: rules }] };
    return {
      ...backend, // its health, its models, its shutdown
      capabilities: {
        chat: (request, context) =>
          backend.capabilities.chat!(
            { ...request, messages: [first, ...request.messages] },
            context,
          ),
      },
    };
  },
});
