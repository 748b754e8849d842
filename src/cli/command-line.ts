import { CommanderError, type Command } from "commander";
import type { AnyCapability } from "../contract/capability.ts";
import type { Log } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { createCommandContext } from "./command-context.ts";
import type { CommonOptions } from "./common-options.ts";
import { guardProcess } from "./guard-process.ts";
import { createInterruption, type Interruption } from "./interruption.ts";
import { commandNames, createProgram, type Runner } from "./program.ts";
import { readSource } from "./read-source.ts";
import { exitCodeOf, exitCodes, reportError } from "./report-error.ts";
import type { Services } from "./services.ts";
import { createStderrLog } from "./stderr-log.ts";
import { takeTerminal, type Terminal } from "./terminal/terminal.ts";

/** Runs `modelyard` with these words and gives its exit code. */
export async function runCommandLine(
  words: readonly string[],
  services: Services,
): Promise<number> {
  const terminal = takeTerminal();
  const teller: Teller = {
    log: createStderrLog(terminal.errors, "warn"),
    longRunning: false,
    json: words.includes("--json"),
  };
  const guard = guardProcess({
    warn: (message) => teller.log[teller.longRunning ? "error" : "warn"](message),
    lastWords(error) {
      if (teller.longRunning) teller.log.error(inOneLine(error));
      else void reportError(error, terminal, { json: teller.json });
    },
  });
  const interruption = createInterruption((code) => {
    guard[Symbol.dispose]();
    process.exit(code);
  });
  try {
    return await runWords(words, { services, terminal, interruption, teller });
  } finally {
    guard[Symbol.dispose]();
  }
}

/** How it is told what befalls the process: as the command does, once it is known which one it is. */
interface Teller {
  log: Log;
  longRunning: boolean;
  json: boolean;
}

interface Surroundings {
  services: Services;
  terminal: Terminal;
  interruption: Interruption;
  teller: Teller;
}

async function runWords(
  words: readonly string[],
  { services, terminal, interruption, teller }: Surroundings,
): Promise<number> {
  let outputError: NodeJS.ErrnoException | undefined;
  terminal.output.on("error", (error: NodeJS.ErrnoException) => {
    outputError = error;
    interruption.outputClosed();
  });
  // Nobody is left to complain to.
  terminal.errors.on("error", () => {});
  let exitCode: number = exitCodes.done;

  const run: Runner =
    (work, { longRunning = false, level } = {}) =>
    async (...values) => {
      const command = values.at(-1) as Command;
      const options = commonOptions(command);
      if (options.offline === true) process.env["MODELYARD_OFFLINE"] = "1";
      const context = createCommandContext({
        services,
        terminal,
        options,
        interruption,
        longRunning,
        level,
      });
      Object.assign(teller, { log: context.log, longRunning, json: options.json === true });
      try {
        exitCode = (await work(context, ...(values as never))) ?? exitCodes.done;
      } catch (error) {
        context.progress.clear();
        exitCode = await failed(error, terminal, options, helpOf(command));
      } finally {
        await context.dispose();
        exitCode = interruption.secondExitCode ?? exitCode;
      }
    };

  async function failed(
    error: unknown,
    to: Terminal,
    options: CommonOptions,
    help?: string,
  ): Promise<number> {
    if (error instanceof CommanderError) throw error;
    if (outputError !== undefined) return exitCodes.done;
    if (interruption.signal.aborted) return interruption.firstExitCode ?? exitCodes.interrupted;
    await reportError(error, to, { json: options.json === true, ...(help && { help }) });
    return exitCodeOf(error);
  }

  try {
    const capabilities = await verbs(words, services);
    const program = createProgram({
      version: services.version,
      capabilities,
      run,
      output: terminal.output,
    });
    await program.parseAsync(helpFirst(words), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError)
      exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
    else exitCode = await failed(error, terminal, { json: words.includes("--json") });
  } finally {
    interruption.dispose();
  }
  await flush(terminal);
  // A reader who has gone, `head` for one, has what it wanted.
  if (outputError === undefined || outputError.code === "EPIPE") return exitCode;
  await reportError(unwritten(outputError), terminal);
  return exitCodes.failed;
}

function unwritten(cause: NodeJS.ErrnoException): ModelyardError {
  const message = `Standard output can't be written to: ${cause.code ?? cause.message}.`;
  return new ModelyardError("storage-failed", message, {
    cause,
    remedy: "What it is directed to may be full, or no longer there.",
  });
}

/** For a log. What is ours is told by where it was thrown; its message may quote a request. */
function inOneLine({ message, remedy, code, cause }: ModelyardError): string {
  if (code !== "internal" || !(cause instanceof Error)) return [message, remedy].join(" ");
  const at = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [message, cause.name, ...at.map((line) => line.trim())].join(" ");
}

/** The capabilities that get a verb. What plugins add is loaded only where a command may be theirs. */
async function verbs(
  words: readonly string[],
  services: Services,
): Promise<readonly AnyCapability[]> {
  const { command, source } = readSource(words);
  if (command !== undefined && commandNames.includes(command)) return services.capabilities();
  // A configuration that can't be read must not stand in the way of help: what needs it tells.
  return services.capabilities(source).catch(() => services.capabilities());
}

/** `help chat` as `chat --help`: the first way would show a command whose file has not been loaded. */
function helpFirst(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  if (first !== "help" || rest.length === 0) return [...words];
  return rest[0] === "help" ? ["--help"] : [...rest, "--help"];
}

/** The words that show a command's help: `modelyard config check --help`. */
function helpOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent)
    names.unshift(each.name());
  return `${names.join(" ")} --help`;
}

/** A command's own word wins over one given before it: `modelyard --offline pull …`. */
function commonOptions(command: Command): CommonOptions {
  const outer = command.parent === null ? {} : commonOptions(command.parent);
  const own = command.opts<CommonOptions>();
  const plugin = [...(outer.plugin ?? []), ...(own.plugin ?? [])];
  return { ...outer, ...own, ...(plugin.length > 0 && { plugin }) };
}

/** The process ends next, and what is still on its way to a pipe would be lost. */
async function flush({ output, errors }: Terminal): Promise<void> {
  for (const stream of [output, errors]) {
    if (stream.writable) await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}
