/** The entry of the process that tries plugins. Not to be imported: what it imports may throw, hang, or end it. */
import { enableCompileCache } from "node:module";
import { toModelyardError } from "../contract/errors.ts";
import { readExports } from "../contract/read-exports.ts";
import { watchParent } from "../engine/watch-parent.ts";
import { leadingPlace, type Thrown } from "./describe-import-failure.ts";
import { resolveOwnSubpaths } from "./resolve-own-subpaths.ts";
import { interruptions } from "./interruptions.ts";
import type { TrialQuestion, TrialReply } from "./trial.ts";

enableCompileCache();
resolveOwnSubpaths();

async function tryPlugin(url: string): Promise<void> {
  try {
    const found = readExports((await import(url)) as object);
    // What it left to fail fails by now.
    await new Promise((resolve) => void setImmediate(resolve));
    send(found.problem === undefined ? { outcome: "good" } : { outcome: "wrong", ...found });
  } catch (error) {
    const thrown = toThrown(error);
    // Where JavaScript can't be read is told by what Node writes as it ends, and by nothing else.
    const dies = thrown.name === "SyntaxError" && leadingPlace(thrown.stack) === undefined;
    send({ outcome: "thrown", thrown, dies }, () => {
      if (!dies) return;
      process.removeAllListeners("uncaughtException");
      setImmediate(() => rethrow(error));
    });
  }
}

process.on("uncaughtException", (error) => {
  send({ outcome: "thrown", thrown: toThrown(error), dies: true }, () => process.exit(1));
});

function send(reply: TrialReply, onSent: () => void = () => {}): void {
  process.send?.(reply, onSent);
}

function rethrow(error: unknown): never {
  throw error;
}

function toThrown(error: unknown): Thrown {
  if (!(error instanceof Error)) return { message: toModelyardError(error).message };
  const { name, message, stack } = error;
  const { code } = error as NodeJS.ErrnoException;
  return { name, message, stack, code };
}

// A terminal sends these to the whole group: whoever asked decides what they mean, and no plugin is to blame for them.
for (const signal of interruptions) process.on(signal, () => {});
process.on("message", ({ url }: TrialQuestion) => void tryPlugin(url));
// Whoever asked is gone: an import that never ends hears nothing of it, and what a plugin left for `exit` may hang.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
watchParent(Number(process.argv[2]));
send({ outcome: "ready" });
