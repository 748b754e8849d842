/** A model in Go: go/main.go beside this file, in a process of its own, which starts with the first call. */
import { fileURLToPath } from "node:url";
import { createJsonLinesProcess, defineBackend, toPrompt, z } from "modelyard/backend";

const program = fileURLToPath(new URL("go/main.go", import.meta.url));

export default defineBackend({
  type: "go-subprocess",
  description: "A model in Go, in a process of its own.",
  config: z.strictObject({ go: z.string().default("go") }),
  sends: "nothing",
  capabilities: ["chat"],
  create({ name, config, log }) {
    const model = createJsonLinesProcess({ name, command: config.go, args: ["run", program], log });
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
