/** A program with an engine whose main thread is blocked; it prints the engine's pid and waits to be killed. */
import { isolated } from "./harness.ts";

const engine = isolated();
const pid = await engine.pid();
const events = engine.chat(process.argv[2] ?? "block");
await events.next();
process.stdout.write(`${pid}\n`);
setInterval(() => {}, 1_000);
