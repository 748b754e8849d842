import path from "node:path";
import type { Command } from "commander";
import { ModelyardError } from "../../contract/errors.ts";
import type { Runner } from "../program.ts";
import { backendFile, backendPackage } from "../scaffold/backend-files.ts";
import { parseBackendName } from "../scaffold/backend-name.ts";
import { writeNewFiles } from "../scaffold/write-new-files.ts";

/** `modelyard backend new`: writes a backend that answers at once, to begin from. */
export function defineBackendNew(group: Command, run: Runner): void {
  group
    .command("new")
    .description("Write a backend that answers at once, to begin from.")
    .argument("<name>", "what configurations call it; its folder and file, too", parseBackendName)
    .option("--package", "a package that is ready to be published, with build, test, badge and CI")
    .action(
      run(async (context, name: string, { package: asPackage = false }: { package?: boolean }) => {
        const { services } = context;
        const kinds = await services.backendKinds({});
        if (kinds.some(({ type }) => type === name)) {
          throw new ModelyardError("invalid-request", `There is a kind ${name} already.`, {
            remedy: `Take another name: my-${name}.`,
          });
        }
        const files = asPackage
          ? await backendPackage(name, services.version)
          : await backendFile(name);
        const folder = path.resolve(name);
        await writeNewFiles(folder, files);
        const written = Object.keys(files).map((file) => path.join(folder, file));
        await context.print({ written }, () =>
          [
            ...written.map((file) => `Wrote ${path.relative(process.cwd(), file)}`),
            "",
            asPackage ? packageSteps(name) : fileSteps(name),
          ].join("\n"),
        );
      }),
    );
}

function fileSteps(name: string): string {
  const file = `./${name}/${name}.ts`;
  return [
    "It answers already. Next:",
    `  modelyard chat -m ${name}/small --plugin ${file} "hello"`,
    `  modelyard backend test ${file}       tells what is right and what is not, and why`,
    `  modelyard serve --plugin ${file} --watch   takes up what you change as you save it`,
  ].join("\n");
}

function packageSteps(name: string): string {
  return [
    "It answers already. Next:",
    `  cd ${name} && npm install`,
    "  npm test                            tells what is right and what is not, and why",
    `  npx modelyard chat -m ${name}/small --plugin ./src/index.ts "hello"`,
  ].join("\n");
}
