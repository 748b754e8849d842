import { readConfigurationFile } from "./read-configuration-file.ts";

/** Whether a configuration's file holds this word at all: told before it is parsed. */
export async function speaksOf(word: string, config: string | undefined): Promise<boolean> {
  const found = await readConfigurationFile(config, process.env);
  return found?.text.includes(word) === true;
}
