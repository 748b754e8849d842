/** A model in Python: python_model.py beside this file, in a process of its own, which starts with the first call. */
import { fileURLToPath } from "node:url";
import { createJsonLinesProcess, defineBackend, toPrompt, z } from "modelyard/backend";

const script = fileURLToPath(new URL("python_model.py", import.meta.url));

export default defineBackend({
  type: "python-subprocess",
  description: "A model in Python, in a process of its own.",
  config: z.strictObject({ python: z.string().default("python3") }),
  sends: "nothing",
  capabilities: ["chat"],
  create({ name, config, log }) {
    const model = createJsonLinesProcess({ name, command: config.python, args: [script], log });
    return {
      capabilities: {
        async *chat({ messages, ...rest }, { signal, warn }) {
          for (const key of Object.keys(rest)) warn(`${key} was ignored.`);
          for await (const event of model.request({ prompt: toPrompt(messages) }, { signal }))
            yield { type: "text-delta", text: String(event["text"]) };
          yield { type: "finish", reason: "stop", usage: {} };
        },
      },
      shutdown: () => model.close(),
    };
  },
});
