import { Command } from "commander";
import type { AnyCapability } from "../contract/capability.ts";
import { nearest } from "../contract/nearest.ts";
import { addCommonOptions } from "./common-options.ts";
import type { CommandContext, ContextOptions } from "./command-context.ts";
import { errorLabel } from "./report-error.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Does a command's work; what it throws is reported, what it returns is the exit code (0 where nothing). */
export type Work<Arguments extends readonly unknown[]> = (
  context: CommandContext,
  ...values: Arguments
) => Promise<number | void>;

/** Makes a commander action of a command's work. */
export type Runner = <Arguments extends readonly unknown[]>(
  work: Work<Arguments>,
  options?: Partial<Pick<ContextOptions, "longRunning" | "level">>,
) => (...values: [...Arguments, unknown, Command]) => Promise<void>;

/** Adds a command's arguments, options and action. Its file is loaded only when the command is asked for. */
export type Define = (command: Command, run: Runner) => void;

interface Entry {
  summary: string;
  /** Whether it prints data. */
  json?: boolean;
  /** Whether it has commands of its own, which then carry the common options. */
  group?: boolean;
  load(): Promise<Define>;
}

const fixedCommands: Record<string, Entry> = {
  mcp: {
    summary: "Speak MCP on standard input and output: what a client's configuration launches.",
    json: false,
    load: async () => (await import("./commands/mcp.ts")).defineMcp,
  },
  serve: {
    summary: "Serve MCP (/mcp) and OpenAI's clients (/v1) on one port.",
    json: false,
    load: async () => (await import("./commands/serve.ts")).defineServe,
  },
  models: {
    summary: "List the models there are.",
    load: async () => (await import("./commands/models.ts")).defineModels,
  },
  pull: {
    summary: "Fetch a model's weights.",
    load: async () => (await import("./commands/pull.ts")).definePull,
  },
  unload: {
    summary: "Free a model's memory.",
    load: async () => (await import("./commands/unload.ts")).defineUnload,
  },
  remove: {
    summary: "Delete a model's weights.",
    load: async () => (await import("./commands/remove.ts")).defineRemove,
  },
  backends: {
    summary: "List the kinds of backend and the state of each configured one.",
    load: async () => (await import("./commands/backends.ts")).defineBackends,
  },
  backend: {
    summary: "Write a backend of your own, or test one.",
    group: true,
    load: async () => (await import("./commands/backend.ts")).defineBackendGroup,
  },
  engine: {
    summary: "Install an embedded engine.",
    group: true,
    load: async () => (await import("./commands/engine.ts")).defineEngine,
  },
  config: {
    summary: "Check the configuration, or print its JSON Schema.",
    group: true,
    load: async () => (await import("./commands/config.ts")).defineConfig,
  },
  keys: {
    summary: "Make a key for a caller of the server.",
    group: true,
    load: async () => (await import("./commands/keys.ts")).defineKeys,
  },
  init: {
    summary: "Write a commented configuration from what is found on this device.",
    json: false,
    load: async () => (await import("./commands/init.ts")).defineInit,
  },
  connect: {
    summary: "Write the entry for a client of MCP: a desktop client, an editor, an agent.",
    load: async () => (await import("./commands/connect.ts")).defineConnect,
  },
  doctor: {
    summary: "Look for what is broken, and say what to do about it.",
    load: async () => (await import("./commands/doctor.ts")).defineDoctor,
  },
};

/** The commands that are there whatever capabilities there are. */
export const commandNames: readonly string[] = [...Object.keys(fixedCommands), "help"];

export interface ProgramOptions {
  version: string;
  capabilities: readonly AnyCapability[];
  run: Runner;
  /** Where help goes; standard output where left out. */
  output?: Terminal["output"];
}

/** The command line: every command with its summary; the rest of each comes with its file. */
export function createProgram(options: ProgramOptions): Command {
  return assembleProgram(options).program;
}

/** The same, and a way to load a command's file without asking for the command: for the docs. */
export function assembleProgram({
  version,
  capabilities,
  run,
  output = process.stdout,
}: ProgramOptions): {
  readonly program: Command;
  load(name: string): Promise<void> | undefined;
} {
  const program = new Command("modelyard")
    .description("Any model behind one MCP server; the same port speaks OpenAI's API.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .enablePositionalOptions()
    .showHelpAfterError("Try `modelyard --help`.")
    .configureOutput({
      writeOut: (text) => void output.write(text),
      getOutHelpWidth: () => output.columns ?? 80,
      outputError: (text, write) =>
        write(
          text
            .replace(/^error:/, () => errorLabel("invalid-request"))
            .replace(
              /command-argument value (.*) is invalid for argument '(.*?)'\./,
              "$1 can't be the $2.",
            ),
        ),
    })
    .exitOverride();
  addCommonOptions(program);
  refuseHelpOnUnknown(program);

  const loaders = new Map<string, () => Promise<void>>();
  const add = (name: string, { summary, json = true, group = false, load }: Entry) => {
    const command = program
      .command(name)
      .description(summary)
      .showHelpAfterError(`Try \`modelyard ${name} --help\`.`);
    loaders.set(name, async () => {
      const define = await load();
      define(command, run);
      const leaves = group ? command.commands : [command];
      for (const leaf of leaves) addCommonOptions(leaf, { json });
      if (group)
        for (const leaf of leaves)
          leaf.showHelpAfterError(`Try \`modelyard ${name} ${leaf.name()} --help\`.`);
      if (!group) return;
      command.helpCommand(false);
      refuseHelpOnUnknown(command);
    });
  };

  for (const capability of capabilities) {
    add(capability.names.verb, {
      summary: capability.description,
      load: () => loadVerb(capability),
    });
  }
  for (const [name, entry] of Object.entries(fixedCommands)) add(name, entry);
  const load = (name: string) => loaders.get(name)?.();
  program.hook("preSubcommand", (_, command) => load(command.name()));
  return { program, load };
}

/** Help on a command that is not there would be the help of all of them, and not say so. */
function refuseHelpOnUnknown(group: Command): void {
  group.on("beforeHelp", () => {
    const [name = ""] = group.args;
    if (name === "" || name === "help" || name.startsWith("-")) return;
    const names = group.commands.map((command) => command.name());
    const near = nearest(name, names).map((each) => `\n(Did you mean ${each}?)`);
    group.error(`error: unknown command '${name}'${near.join("")}`);
  });
}

/** The verb of a capability: chat has a file of its own, for its conversation and its images; all others are made from data. */
async function loadVerb(capability: AnyCapability): Promise<Define> {
  if (capability.name === "chat")
    return (await import("./commands/chat.ts")).chatDefinition(capability);
  return (await import("./commands/capability-verb.ts")).verbDefinition(capability);
}
