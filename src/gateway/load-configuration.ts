import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ModelyardError } from "../contract/errors.ts";
import type { Configuration } from "./configuration.ts";
import { parseConfiguration, type ParseOptions } from "./parse-configuration.ts";

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The file it came from; none where nothing is configured. */
  readonly file?: string;
}

/**
 * The configuration from `file`, else `./modelyard.json`, else `$XDG_CONFIG_HOME/modelyard/modelyard.json`, else an empty one.
 * @throws {ModelyardError} `invalid-config`
 */
export async function loadConfiguration(
  file: string | undefined,
  options: Omit<ParseOptions, "file">,
): Promise<LoadedConfiguration> {
  const environment = options.environment ?? process.env;
  const candidates = file === undefined ? usualFiles(environment) : [path.resolve(file)];
  for (const candidate of candidates) {
    const text = await readText(candidate, file !== undefined);
    if (text === undefined) continue;
    const { parseText } = await import("./parse-text.ts");
    return {
      configuration: parseConfiguration(parseText(text, candidate), {
        ...options,
        file: candidate,
      }),
      file: candidate,
    };
  }
  return { configuration: parseConfiguration({ discover: true }, options) };
}

function usualFiles(environment: Readonly<Record<string, string | undefined>>): string[] {
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
