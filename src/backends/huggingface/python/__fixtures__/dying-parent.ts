// Has a Python child generate without end, and prints its process id: `node dying-parent.ts <folder of models>`.
import { all, contextOf, createPythonBackend, say } from "./python-backend.ts";

const { backend } = createPythonBackend({ cacheDir: process.argv[2], python: "python3" });
const { chat } = backend.capabilities;
const [first] = await all(chat!(say("pid"), contextOf("test/llama")));
for await (const _ of chat!(say("forever"), contextOf("test/endless")))
  if (first?.type === "text-delta") process.stdout.write(`${first.text}\n`);
