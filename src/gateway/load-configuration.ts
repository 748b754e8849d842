import type { Configuration } from "./configuration.ts";
import type { Environment } from "./expand-variables.ts";
import { parseConfiguration, type ParseOptions } from "./parse-configuration.ts";
import { readConfigurationFile } from "./read-configuration-file.ts";

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The file it came from; none where nothing is configured. */
  readonly file?: string;
}

/** A configuration as it is written. */
export interface WrittenConfiguration {
  readonly written: unknown;
  /** The file it came from; none where nothing is configured. */
  readonly file?: string;
}

/**
 * What stands in `file`, else in `./modelyard.json`, else in `$XDG_CONFIG_HOME/modelyard/modelyard.json`, else what holds where nothing is configured.
 * @throws {ModelyardError} `invalid-config` where it can't be read, or is no JSON
 */
export async function readWritten(
  file: string | undefined,
  environment: Environment = process.env,
): Promise<WrittenConfiguration> {
  const found = await readConfigurationFile(file, environment);
  if (found === undefined) return { written: { discover: true } };
  const { parseText } = await import("./parse-text.ts");
  return { written: parseText(found.text, found.file), file: found.file };
}

/**
 * The configuration from `file`, or from the usual places, checked.
 * @throws {ModelyardError} `invalid-config`
 */
export async function loadConfiguration(
  file: string | undefined,
  options: Omit<ParseOptions, "file">,
): Promise<LoadedConfiguration> {
  const found = await readWritten(file, options.environment);
  const configuration = parseConfiguration(found.written, { ...options, file: found.file });
  return { configuration, ...(found.file === undefined ? {} : { file: found.file }) };
}
