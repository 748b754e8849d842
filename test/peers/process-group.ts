import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { MissingIngredient } from "./missing-ingredient.ts";

export interface ProcessGroup {
  /** Of the program, and of its group. */
  pid: number;
  /** The match of the first line on standard error that fits. @throws what the program said, where it ends first */
  untilSaid(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks the program to end, and takes the whole group where it has not after 5 s. */
  stop(): Promise<void>;
  /** Ends the program and all that it started, at once. */
  kill(): Promise<void>;
}

/** Starts a server with its children in a process group of their own, which ends with this process, however this one ends. */
export async function startProcessGroup(
  program: string,
  parameters: string[],
  environment: Record<string, string>,
): Promise<ProcessGroup> {
  const child = spawn(program, parameters, {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  await once(child, "spawn").catch((cause: unknown) => {
    throw new MissingIngredient(`'${program}' can't be started`, { cause });
  });
  const pid = child.pid!;
  const guard = endWithThisProcess(pid);
  const lines: string[] = [];
  const reader = createInterface(child.stderr);
  // read for as long as it runs: a full pipe would stop it
  reader.on("line", (line) => lines.push(line) > 50 && lines.shift());
  const closed = once(child, "close");
  const kill = async () => {
    signalGroup(pid, "SIGKILL");
    await closed;
    await untilGone(pid);
    guard.kill();
  };
  return {
    pid,
    kill,
    async stop() {
      child.kill("SIGTERM");
      await Promise.race([closed, setTimeout(5000, undefined, { ref: false })]);
      await kill();
    },
    async untilSaid(pattern) {
      const said = new Promise<RegExpExecArray>((resolve) => {
        const look = (line: string) => {
          const match = pattern.exec(line);
          if (match) resolve(match);
        };
        lines.forEach(look);
        reader.on("line", look);
      });
      const early = closed.then(([code]) => {
        throw new Error(`${program} ended with ${String(code)}:\n${lines.join("\n")}`);
      });
      return Promise.race([said, early]);
    },
  };
}

/** A shell that kills the group once its own input ends, which is when this process is gone. */
function endWithThisProcess(group: number) {
  return spawn("sh", ["-c", 'read -r _; kill -s KILL -- "-$1"', "sh", String(group)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
}

/** Killed processes are counted until the system has fetched them; where nothing does so, this ends after 2 s. */
async function untilGone(group: number): Promise<void> {
  for (let tries = 0; tries < 100 && signalGroup(group, 0); tries++) await setTimeout(20);
}

/** @returns whether there was anything left in the group */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
