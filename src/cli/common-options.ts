import { type Command, Option } from "commander";
import { logLevels, type LogLevel } from "./stderr-log.ts";

/** What every command takes. */
export interface CommonOptions {
  config?: string;
  json?: boolean;
  logLevel?: LogLevel;
  offline?: boolean;
}

/** Options that the surface names and that this version refuses by name. */
const laterOptions = ["--privacy <class>", "--explain", "--plugin <path or package>", "--watch"];

/** Adds the options that every command has; `json` for those that print data. */
export function addCommonOptions(command: Command, { json = true }: { json?: boolean } = {}): void {
  command.optionsGroup("Common options:");
  command.option(
    "--config <file>",
    "the configuration (default: ./modelyard.json, if it is there)",
  );
  if (json) command.option("--json", "print data as JSON");
  command.addOption(
    new Option("--log-level <level>", "how much to log on standard error").choices(logLevels),
  );
  command.option("--offline", "fetch nothing (also MODELYARD_OFFLINE=1)");
  for (const flags of laterOptions)
    command.addOption(new Option(flags).hideHelp().argParser(() => refuseLater(command, flags)));
}

/** For a boolean option the parser is not asked, so a hook looks as well. */
export function refuseLaterOptions(command: Command): void {
  const given = command.opts();
  for (const flags of laterOptions) {
    const name = new Option(flags).attributeName();
    if (given[name] !== undefined) refuseLater(command, flags);
  }
}

function refuseLater(command: Command, flags: string): never {
  return command.error(`error: ${flags.split(" ", 1)[0]} is not yet supported in this version.`, {
    code: "modelyard.later",
  });
}
