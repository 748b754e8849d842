import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ModelyardError } from "../contract/errors.ts";
import type { Environment } from "./expand-variables.ts";

/**
 * What stands in `file`, else in `./modelyard.json`, else in `$XDG_CONFIG_HOME/modelyard/modelyard.json`; undefined where there is none.
 * @throws {ModelyardError} `invalid-config` where it can't be read
 */
export async function readConfigurationFile(
  file: string | undefined,
  environment: Environment,
): Promise<{ file: string; text: string } | undefined> {
  const candidates = file === undefined ? usualFiles(environment) : [path.resolve(file)];
  for (const candidate of candidates) {
    const text = await readText(candidate, file !== undefined);
    if (text !== undefined) return { file: candidate, text };
  }
  return undefined;
}

function usualFiles(environment: Environment): string[] {
  const home = environment["XDG_CONFIG_HOME"] || path.join(os.homedir(), ".config");
  return [path.resolve("modelyard.json"), path.join(home, "modelyard", "modelyard.json")];
}

async function readText(file: string, required: boolean): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !required) return undefined;
    throw new ModelyardError(
      "invalid-config",
      `Can't read the configuration ${file}: ${code === "ENOENT" ? "no such file" : String(code)}.`,
      {
        cause: error,
        remedy: "Give the path of a file that is there with --config.",
      },
    );
  }
}
