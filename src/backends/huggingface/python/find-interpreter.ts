import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ModelyardError } from "../../../contract/errors.ts";

export interface FindInterpreterOptions {
  /** The one that is configured. */
  configured: string | undefined;
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

/** The oldest Python that the libraries' present versions run on. */
const oldest = [3, 9] as const;
const answerTimeoutMs = 10_000;
const question = "import json, sys; print(json.dumps([sys.executable, *sys.version_info[:2]]))";
const run = promisify(execFile);

/**
 * The Python to run models with, as an absolute path: the configured one, else the active virtual environment's, the working folder's
 * `.venv`, then the system's; the first that answers.
 * @throws ModelyardError `backend-unavailable` with each that was tried.
 */
export async function findInterpreter(options: FindInterpreterOptions): Promise<string> {
  const { configured, directory, environment, signal } = options;
  const [folder, name] =
    process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const environments = [environment["VIRTUAL_ENV"], join(directory, ".venv")]
    .filter((each) => each !== undefined && each !== "")
    .map((each) => join(each!, folder, name))
    .filter((path) => existsSync(path));
  const candidates =
    configured === undefined ? [...environments, "python3", "python"] : [configured];
  const tried: string[] = [];
  for (const candidate of candidates) {
    try {
      const { stdout } = await run(candidate, ["-c", question], {
        timeout: answerTimeoutMs,
        windowsHide: true,
        signal,
      });
      const [path, major, minor] = JSON.parse(stdout) as [string, number, number];
      if (major === oldest[0] && minor >= oldest[1]) return path;
      tried.push(`${candidate} is Python ${major}.${minor}`);
    } catch (error) {
      signal.throwIfAborted();
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      tried.push(`${candidate} ${missing ? "is not there" : "does not answer"}`);
    }
  }
  throw new ModelyardError("backend-unavailable", `No Python was found: ${tried.join("; ")}.`, {
    remedy: `Install Python ${oldest.join(".")} or newer, or name one in the configuration: "python": "/path/to/python3".`,
  });
}
