// A backend of your own. As it is it answers without a server; the lines marked "API" are what it becomes with one.
import { defineBackend, toTextMessages, warnOfIgnored, z } from "modelyard/backend";

export default defineBackend({
  type: "acme", // what a configuration calls it: { "type": "acme" }
  description: "The models of acme.",

  // Its own keys in the configuration. API: config: z.strictObject({ baseUrl: z.url(), apiKey: z.string() }),
  config: z.strictObject({}),

  // How far a prompt goes. API: upstream: ({ baseUrl }) => ({ url: baseUrl }), which privacy is held by.
  sends: "nothing",

  capabilities: ["chat"],
  create: () => ({
    // API: ask for them: await readJson(await requestJson(fetch, `${baseUrl}/models`, { signal }), Models)
    listModels: async () => [{ name: "small" }],

    capabilities: {
      // A parameter that you use is taken out of `rest`: { messages, maxTokens, temperature, ...rest }
      async *chat({ messages, ...rest }, context) {
        warnOfIgnored(rest, context);
        const asked = toTextMessages(messages); // [{ role: "user", content: "hello" }]

        // API: const body = { model: context.model, messages: asked, stream: true };
        // API: const response = await requestJson(context.fetch, `${baseUrl}/chat`, { body, model: context.model });
        // API: for await (const { text } of readJsonEvents(response, Event)) yield { type: "text-delta", text };
        const answer = `You said: ${asked.at(-1)?.content}`;
        for (const text of answer.split(/(?<=\s)/)) yield { type: "text-delta", text };

        // Last, and only when the answer is whole: without it the caller hears that it broke off.
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});
