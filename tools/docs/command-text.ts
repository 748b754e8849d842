import type { Command } from "commander";
import { assembleProgram } from "../../src/cli/program.ts";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import { toCode } from "./markdown.ts";

/** The help of every command, as the command line prints it. */
export async function commandText(): Promise<string> {
  const { program, load } = assembleProgram({
    version: "0",
    capabilities: builtInCapabilities,
    run: () => async () => {},
  });
  const texts: string[] = [];
  for (const command of program.createHelp().visibleCommands(program)) {
    if (command.name() === "help") continue;
    await load(command.name());
    const leaves = command.commands.filter((leaf) => leaf.name() !== "help");
    for (const leaf of leaves.length === 0 ? [command] : leaves) texts.push(textOf(leaf, command));
  }
  return texts.join("\n\n");
}

function textOf(leaf: Command, parent: Command): string {
  const name = leaf === parent ? leaf.name() : `${parent.name()} ${leaf.name()}`;
  leaf.configureHelp({ helpWidth: 100 });
  const help = leaf.helpInformation().replace(/\nCommon options:[^]*$/, "");
  return `## ${name}\n\n${toCode("text", help)}`;
}
