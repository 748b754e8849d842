// A process that pulls one model into one folder and tells each step as a line of JSON; SIGINT stops it.
import { createWeightsStore } from "../store.ts";

const [directory = "", reference = ""] = process.argv.slice(2);
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
const say = (event: unknown): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
try {
  const pull = createWeightsStore({ directory }).pull(reference, { signal: interrupted.signal });
  let step = await pull.next();
  for (; step.done !== true; step = await pull.next()) say(step.value);
  say({ model: step.value });
} catch (error) {
  say({ error });
  process.exitCode = 1;
}
