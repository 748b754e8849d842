import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { addUnknownToken, contextOf, tinyBackend } from "./tiny-backend.ts";

/*
 * Run as a process of its own: all that the library would print on, a run that fails with the prompt in it among them. Tells the codes
 * of the errors to its parent, and nothing else to anybody.
 */
await using tiny = await tinyBackend();
const { embedding, chat } = tiny.backend.capabilities;
const broken = await tiny.variant("embed", "broken");
await truncate(join(broken, "onnx", "model_quantized.onnx"), 2000);
// The tokens of one model given to the network of another, which has fewer.
const mixed = await tiny.variant("embed", "mixed");
await addUnknownToken(mixed);
const codes: unknown[] = [];
for (const model of ["test/embed", "test/broken", "test/mixed", "test/none"]) {
  const answer = embedding!({ input: ["good secret"] }, contextOf(model));
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  codes.push(error === undefined ? "well" : { ...(error as { toJSON(): object }).toJSON() });
}
const messages = [{ role: "user" as const, content: [{ type: "text" as const, text: "hi" }] }];
for await (const event of chat!({ messages }, contextOf("test/lm")))
  if (event.type === "finish") codes.push(event.reason);
process.send?.(codes);
