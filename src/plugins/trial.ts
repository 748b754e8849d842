import { fork, type ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelyardError } from "../contract/errors.ts";
import type { ExportsProblem } from "../contract/read-exports.ts";
import { describeImportFailure, type Thrown } from "./describe-import-failure.ts";
import { interruptions } from "./interruptions.ts";
import type { Problem } from "./problem.ts";

/** What crosses to the process that tries plugins. */
export interface TrialQuestion {
  readonly url: string;
}

/** What comes back: that it listens, then one answer for each question. `dies`: it ends next, and tells the place as it does. */
export type TrialReply =
  | { readonly outcome: "ready" | "good" }
  | ({ readonly outcome: "wrong" } & ExportsProblem)
  | { readonly outcome: "thrown"; readonly thrown: Thrown; readonly dies: boolean };

/** How long a plugin may take to be imported, in milliseconds. */
export const importLimitMs = 10_000;
/** How much of a process's last words is kept, in characters. */
const mostLastWords = 4_000;

const entry = fileURLToPath(
  new URL(`./trial-child${extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/**
 * Imports modules in a process of their own, one after another, before they are imported here: one that throws, never ends, or ends the
 * process costs that process and no more. Gives for each address what is wrong; undefined where nothing is.
 * @throws ModelyardError `cancelled` where this program is interrupted meanwhile: no plugin is to blame for what ends then
 */
export async function tryPlugins(
  urls: readonly string[],
  limitMs: number = importLimitMs,
): Promise<ReadonlyMap<string, Problem | undefined>> {
  const problems = new Map<string, Problem | undefined>();
  let child: TrialProcess | undefined;
  const interruption = hearInterruption(() => child?.kill());
  try {
    for (const url of urls) {
      const isFresh = child === undefined;
      child ??= await startTrialProcess();
      interruption.throwIfCame();
      let answer = await child.ask(url, limitMs);
      interruption.throwIfCame();
      if (answer.byWhom === "unknown" && !isFresh) {
        // It may have been one before it that ended the process.
        child = await startTrialProcess();
        answer = await child.ask(url, limitMs);
        interruption.throwIfCame();
      }
      problems.set(url, answer.problem);
      if (answer.ended) child = undefined;
    }
  } finally {
    interruption.forget();
    child?.kill();
  }
  return problems;
}

/** Hears that a person ends the program. What becomes of it is decided by who hears it too, and by the system where nobody does. */
function hearInterruption(onInterrupted: () => void) {
  let came = false;
  function hear(signal: NodeJS.Signals): void {
    came = true;
    onInterrupted();
    if (process.listenerCount(signal) > 1) return;
    forget();
    process.kill(process.pid, signal);
  }
  function forget(): void {
    for (const signal of interruptions) process.removeListener(signal, hear);
  }
  for (const signal of interruptions) process.on(signal, hear);
  return {
    forget,
    throwIfCame() {
      if (came) throw new ModelyardError("cancelled", "Interrupted while plugins were imported.");
    },
  };
}

interface TrialProcess {
  ask(url: string, limitMs: number): Promise<Answer>;
  kill(): void;
}

interface Answer {
  readonly problem: Problem | undefined;
  /** The process is gone, or as good as. */
  readonly ended: boolean;
  /** Whether what was asked for has ended it for certain. */
  readonly byWhom?: "unknown";
}

interface Death {
  readonly code: number | null;
  readonly signal: string | null;
}

async function startTrialProcess(): Promise<TrialProcess> {
  const child: ChildProcess = fork(entry, [String(process.pid)], {
    // Node 22 warns of type stripping, and its warning is nobody's last words.
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // What a plugin prints goes nowhere: our own standard output may carry a protocol.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-mostLastWords);
  });
  const died = new Promise<Death>((resolve) => {
    child.once("error", () => resolve({ code: null, signal: null }));
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  void died.then(() => process.removeListener("exit", kill));

  const next = () =>
    new Promise<TrialReply>((resolve) => void child.once("message", resolve as () => void));
  await Promise.race([next(), died]);

  return {
    kill,
    async ask(url, limitMs) {
      const reply = next();
      // Where it is gone already, `died` tells.
      child.send({ url } satisfies TrialQuestion, () => {});
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), limitMs);
      });
      const first = await Promise.race([reply, died, late]);
      clearTimeout(timer);
      if (first === "late") {
        kill();
        return { problem: tookTooLong(limitMs), ended: true };
      }
      if (!("outcome" in first))
        return { problem: describeDeath(first, lastWords), ended: true, byWhom: "unknown" };
      if (first.outcome === "thrown") {
        const { thrown, dies } = first;
        if (dies) await died;
        const problem = describeImportFailure(thrown, lastWords);
        const isUnsure = dies && thrown.name !== "SyntaxError";
        return { problem, ended: dies, ...(isUnsure && { byWhom: "unknown" as const }) };
      }
      const problem =
        first.outcome === "wrong" ? { problem: first.problem, remedy: first.remedy } : undefined;
      return { problem, ended: false };
    },
  };
}

function tookTooLong(limitMs: number): Problem {
  return {
    problem: `It was still being imported after ${limitMs / 1000} s.`,
    remedy:
      "What stands outside its functions must end at once: move what waits or works into `initialize`.",
  };
}

function describeDeath({ code, signal }: Death, lastWords: string): Problem {
  const how = signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
  const [line = ""] = lastWords.trim().split("\n").slice(-1);
  return {
    problem: `It ended its process while it was imported (${how})${line === "" ? "" : `: ${line}`}.`,
    remedy: "A plugin must not end the process: throw an error, from `create` or later.",
  };
}
