import type { ForkOptions } from "node:child_process";
import { availableParallelism } from "node:os";

/** File system and DNS need some, and each busy context of an engine keeps one. */
const threadHeadroom = 8;

/** How an engine's process is started: the environment passed on, no debugger's port, nothing on our standard output. */
export function childOptions(fromSource: boolean): ForkOptions {
  const given = Number(process.env["UV_THREADPOOL_SIZE"]) || 0;
  return {
    // Node 22 warns of type stripping, which matters to nobody who reads an engine's last words.
    execArgv: fromSource ? ["--disable-warning=ExperimentalWarning"] : [],
    env: {
      ...process.env,
      UV_THREADPOOL_SIZE: String(Math.max(given, threadHeadroom + availableParallelism())),
      NODE_OPTIONS: withoutInspector(process.env["NODE_OPTIONS"] ?? ""),
    },
    serialization: "advanced",
    // Standard output carries a protocol in the parent; whatever a native library prints there goes nowhere.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  };
}

function withoutInspector(options: string): string {
  return options
    .split(" ")
    .filter((option) => !option.startsWith("--inspect"))
    .join(" ");
}
