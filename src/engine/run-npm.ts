import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ModelyardError } from "../contract/errors.ts";

export interface NpmRun {
  /** npm's script. */
  readonly npm: string;
  /** Where the package.json lies. */
  readonly folder: string;
  /** Whether npm leaves out optional dependencies. */
  readonly omitOptional: boolean;
  readonly signal: AbortSignal;
  /** How many packages have been fetched so far. */
  onFetched(count: number): void;
}

const errorLines = 12;
/** How long npm may take to clear up after itself. */
const killMs = 3_000;

/**
 * Runs `npm install` in a folder, with the machine's own registry configuration and without any package's scripts.
 * @throws ModelyardError `download-failed` (or `storage-failed`) with npm's last words; the signal's reason.
 */
export async function runNpm({
  npm,
  folder,
  omitOptional,
  signal,
  onFetched,
}: NpmRun): Promise<void> {
  const options = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--no-package-lock",
    "--no-global",
    "--no-workspaces",
    "--no-dry-run",
    "--loglevel=http",
  ];
  const optional = omitOptional ? "--omit=optional" : "--include=optional";
  const child = spawn(
    process.execPath,
    [npm, "install", `--prefix=${folder}`, ...options, "--omit=dev", optional],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], windowsHide: true },
  );
  const complaints: string[] = [];
  let fetched = 0;
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (/^npm http (fetch GET 200|cache) .*\.tgz/.test(line)) onFetched(++fetched);
    if (/^npm (error|ERR!) /.test(line)) complaints.push(line.replace(/^npm (error|ERR!) /, ""));
  });
  const ended = Promise.withResolvers<number | null>();
  child.on("error", ended.reject);
  child.on("close", ended.resolve);
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), killMs);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const exitCode = await ended.promise;
    signal.throwIfAborted();
    if (exitCode !== 0) throw npmError(exitCode, complaints.filter(isTelling));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** npm ends with where its log lies, which says nothing of the cause. */
function isTelling(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("A complete log of this run");
}

function npmError(exitCode: number | null, lines: string[]): ModelyardError {
  const last = lines.slice(0, errorLines);
  const isDisk = last.some((line) => /ENOSPC|EROFS|EACCES|EDQUOT/.test(line));
  const reason = last.find((line) => !line.startsWith("code ")) ?? `exit code ${exitCode}`;
  return new ModelyardError(isDisk ? "storage-failed" : "download-failed", `npm: ${reason}`, {
    details: { npm: last, exitCode },
  });
}
