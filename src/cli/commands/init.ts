import path from "node:path";
import { toConfigurationText } from "../init/to-configuration-text.ts";
import { refuseExisting, writeFile } from "../init/write-file.ts";
import { listSome } from "../list-some.ts";
import type { Define } from "../program.ts";

/** Where `init` writes, and where every command looks first. */
const usualFile = "modelyard.json";

/** `modelyard init`: writes a commented configuration from what is found. */
export const defineInit: Define = (command, run) => {
  command
    .argument("[file]", `the file to write (default: --config, else ./${usualFile})`)
    .option("--force", "replace a file that is there")
    .action(
      run(async (context, named: string | undefined, { force = false }: { force?: boolean }) => {
        const { services, log, options } = context;
        const wanted = named ?? options.config ?? usualFile;
        const file = path.resolve(wanted);
        if (!force) await refuseExisting(file);
        context.progress.begin("Looking around");
        const [{ found }, kinds] = await Promise.all([
          services.survey({ config: false, log }),
          services.backendKinds({}),
        ]);
        await writeFile(file, toConfigurationText({ found, kinds }));
        const usual = file === path.resolve(usualFile);
        await context.answer(`${describe(file, found)}\n\n${nextSteps(usual ? "" : wanted)}\n`);
      }),
    );
};

function describe(file: string, found: readonly { name: string; url: string }[]): string {
  const servers = listSome(found.map(({ name, url }) => `${name} (${url})`));
  const what =
    found.length === 0
      ? "No server was found on this device; the embedded models serve."
      : `Found: ${servers}.`;
  return `Wrote ${file}.\n${what}`;
}

/** What to do now; a file in an unusual place has to be named each time. */
function nextSteps(file: string): string {
  const config =
    file === "" ? "" : ` --config ${/^[\w./~-]+$/.test(file) ? file : JSON.stringify(file)}`;
  return [
    "Next:",
    "  Choose your default models in it: they stand there as comments.",
    `  modelyard config check${config}   tells whether it is right`,
    `  modelyard models${config}         lists what it gives you`,
  ].join("\n");
}
