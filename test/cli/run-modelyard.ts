import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

export interface Run {
  readonly child: ChildProcess;
  /** What was written so far. */
  readonly written: { stdout: string; stderr: string };
  /** Waits until standard output (or both) holds this. */
  saw(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export interface RunOptions {
  /** What is piped in; nothing where left out. */
  input?: string;
  /** Standard input stays open, as a client's does that waits. */
  inputStaysOpen?: boolean;
  directory?: string;
  environment?: NodeJS.ProcessEnv;
  /** Another entry than the command's own. */
  entry?: string;
}

/** An empty folder with a configuration in it. */
export function folderWith(configuration: unknown): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-cli-"));
  const text =
    typeof configuration === "string" ? configuration : JSON.stringify(configuration, null, 2);
  fs.writeFileSync(path.join(folder, "modelyard.json"), text);
  return folder;
}

/** Starts the command as a shell does. */
export function startModelyard(words: readonly string[], options: RunOptions = {}): Run {
  const { input, directory = os.tmpdir(), environment, entry = "src/cli/main.ts" } = options;
  const child = spawn(process.execPath, [path.join(root, entry), ...words], {
    cwd: directory,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      for (const listener of listeners) listener();
    });
  }
  child.stdin.on("error", () => {});
  if (options.inputStaysOpen === true) child.stdin.write(input ?? "");
  else child.stdin.end(input ?? "");
  const ended = once(child, "close").then(([code]: (number | null)[]) => ({
    code: code ?? null,
    ...written,
  }));
  return {
    child,
    written,
    ended,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!`${written.stdout}\n${written.stderr}`.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`It ended without ${text}: ${written.stderr}`)));
        look();
      }),
  };
}

/** Runs the command to its end. */
export function runModelyard(words: readonly string[], options?: RunOptions): Run["ended"] {
  return startModelyard(words, options).ended;
}
