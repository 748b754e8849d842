import { type Command, InvalidArgumentError, Option } from "commander";
import { refuseMissingValues } from "./refuse-missing-values.ts";
import { logLevels, type LogLevel } from "./stderr-log.ts";

/** What every command takes. */
export interface CommonOptions {
  config?: string;
  /** Paths and packages. */
  plugin?: string[];
  json?: boolean;
  logLevel?: LogLevel;
  offline?: boolean;
  /** Of commands that run long: take changes of plugins too. */
  watch?: boolean;
  /** Of commands that make a call: tell the way it took. */
  explain?: boolean;
}

/** Adds the options that every command has, `json` for those that print data; any of its options that lacks its value is told of. */
export function addCommonOptions(command: Command, { json = true }: { json?: boolean } = {}): void {
  command.optionsGroup("Common options:");
  command.option(
    "--config <file>",
    "the configuration (default: ./modelyard.json, else $XDG_CONFIG_HOME/modelyard/modelyard.json, else none)",
  );
  command.option(
    "--plugin <path or package>",
    "a plugin to load beside those of the configuration; repeatable",
    (given: string, former: string[] = []) => {
      if (given.trim() !== "") return [...former, given];
      throw new InvalidArgumentError("It is empty: give a path or a package.");
    },
  );
  if (json) command.option("--json", "print data as JSON");
  command.addOption(
    new Option("--log-level <level>", "how much to log on standard error").choices(logLevels),
  );
  command.option("--offline", "fetch nothing (also MODELYARD_OFFLINE=1)");
  refuseMissingValues(command);
}

/** Adds the option of commands that run long. */
export function addWatchOption(command: Command): void {
  command.option(
    "--watch",
    "take changes of plugins as they are saved; each of their backends runs in a process of its own",
  );
}

/** Adds the option of commands that make a call. */
export function addExplainOption(command: Command): void {
  command.option(
    "--explain",
    "tell on standard error what was tried, skipped and why, waited for, and what came of it",
  );
}

/** Ends a command line that holds what the surface names and this version does not have. */
export function refuseLater(command: Command, what: string): never {
  return command.error(`error: ${what} is not yet supported in this version.`);
}
