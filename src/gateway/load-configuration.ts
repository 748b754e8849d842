import type { Configuration } from "./configuration.ts";
import { parseConfiguration, type ParseOptions } from "./parse-configuration.ts";
import { readConfigurationFile } from "./read-configuration-file.ts";

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
  const found = await readConfigurationFile(file, options.environment ?? process.env);
  if (found === undefined)
    return { configuration: parseConfiguration({ discover: true }, options) };
  const { parseText } = await import("./parse-text.ts");
  const written = parseText(found.text, found.file);
  return {
    configuration: parseConfiguration(written, { ...options, file: found.file }),
    file: found.file,
  };
}
