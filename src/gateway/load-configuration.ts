import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parse, printParseErrorCode, visit, type ParseError } from "jsonc-parser";
import { ModelyardError } from "../contract/errors.ts";
import type { Problem } from "../contract/describe-issues.ts";
import type { Configuration } from "./configuration.ts";
import {
  invalidConfiguration,
  parseConfiguration,
  type ParseOptions,
} from "./parse-configuration.ts";

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

/** JSON with comments and trailing commas. A key that stands twice is a problem: one of the two would be lost. So would `__proto__`. */
function parseText(written: string, file: string): unknown {
  const text = written.replace(/^\uFEFF/, "");
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const problems: Problem[] = [
    ...errors.map(({ error, offset }) => ({
      path: positionOf(offset, text),
      message: `${spellOut(printParseErrorCode(error))}.`,
    })),
    ...(errors.length === 0 ? findLostKeys(text) : []),
  ];
  if (problems.length > 0) throw invalidConfiguration(problems, file);
  return value;
}

function findLostKeys(text: string): Problem[] {
  const problems: Problem[] = [];
  const open: Set<string>[] = [];
  visit(
    text,
    {
      onObjectBegin: () => void open.push(new Set()),
      onObjectEnd: () => void open.pop(),
      onObjectProperty(name, offset) {
        const names = open.at(-1);
        const isTwin = names?.has(name) === true;
        // The parser takes this name for something else, and drops it.
        if (isTwin || name === "__proto__") {
          const quoted = JSON.stringify(name);
          const message = isTwin ? `${quoted} stands here twice.` : `${quoted} can't be a name.`;
          problems.push({ path: positionOf(offset, text), message });
        }
        names?.add(name);
      },
    },
    { allowTrailingComma: true },
  );
  return problems;
}

function positionOf(offset: number, text: string): string {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `CommaExpected` → `Comma expected`. */
function spellOut(code: string): string {
  return code.replace(/(?<=[a-z])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}
