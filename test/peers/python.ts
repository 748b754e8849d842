import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { MissingIngredient } from "./missing-ingredient.ts";

const run = promisify(execFile);

/** What Python prints when run with these arguments; `failure` says what can't be had when it fails. */
export async function python(parameters: string[], failure: string): Promise<string> {
  try {
    return (await run("python3", parameters, { timeout: 600_000 })).stdout.trim();
  } catch (error) {
    if (isFailure(error) && error.code === "ENOENT")
      throw new MissingIngredient("'python3' is not installed", { cause: error });
    const detail = isFailure(error) ? lastLine(error.stderr) : "";
    throw new MissingIngredient(detail ? `${failure}: ${detail}` : failure, { cause: error });
  }
}

/** The arguments of pip, without its questions and advice, and for ready-made packages alone. */
export function pip(command: "install" | "download", ...parameters: string[]): string[] {
  const quiet = [
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--root-user-action=ignore",
  ];
  const flags = command === "install" ? quiet : quiet.slice(0, -1);
  return ["-m", "pip", command, ...flags, "--only-binary", ":all:", ...parameters];
}

function isFailure(error: unknown): error is { code?: unknown; stderr?: string } {
  return error instanceof Error;
}

function lastLine(text = ""): string {
  return text.trim().split("\n").at(-1) ?? "";
}
