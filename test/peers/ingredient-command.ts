import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MissingIngredient } from "./missing-ingredient.ts";

/** Longer than the longest build takes on a slow machine. */
const longestMs = 20 * 60_000;

export interface IngredientCommandOptions {
  /** Added to this process's own. */
  environment?: Record<string, string>;
  cwd?: string;
  /** Long work: what it says goes on to standard error, with a line of this text every 30 s, so that it does not look like a hang. */
  progress?: string;
}

/**
 * What a program prints that makes or fetches an ingredient of a real peer; `failure` says what can't be had when it fails.
 * @throws MissingIngredient
 */
export async function ingredientCommand(
  program: string,
  parameters: string[],
  failure: string,
  options: IngredientCommandOptions = {},
): Promise<string> {
  const { environment, cwd, progress } = options;
  const child = spawn(program, parameters, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longestMs,
    ...(cwd && { cwd }),
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    said.push(line);
    if (said.length > 20) said.shift();
    if (progress) process.stderr.write(`${line}\n`);
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const startedMs = Date.now();
  const stillWorking = () => {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    process.stderr.write(`${progress} (${seconds} s)\n`);
  };
  if (progress) stillWorking();
  const ticker = progress ? setInterval(stillWorking, 30_000) : undefined;
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 0) return printed.trim();
  } catch (cause) {
    throw new MissingIngredient(`'${program}' is not installed`, { cause });
  } finally {
    clearInterval(ticker);
  }
  const detail = said.findLast((line) => line.trim() !== "");
  throw new MissingIngredient(detail ? `${failure}: ${detail}` : failure);
}
