/** A program that does nothing but wait for its engine: an answer, a death, another answer. It ends by itself, the engine with it. */
import type { ModelyardError } from "../../contract/errors.ts";
import { isolated } from "./harness.ts";

const engine = isolated();
const said: unknown[] = [await engine.embed(["abc"])];
try {
  for await (const _ of engine.chat("kill 3"));
} catch (error) {
  said.push((error as ModelyardError).code);
}
said.push(await engine.embed(["abc"]));
process.stdout.write(JSON.stringify(said));
