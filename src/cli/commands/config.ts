import { describeSetAside } from "../../contract/set-aside.ts";
import type { Define } from "../program.ts";

/** `modelyard config check` and `modelyard config schema`. */
export const defineConfig: Define = (command, run) => {
  command
    .command("check")
    .description("Check the configuration; every problem is told at once.")
    .argument("[file]", "the file to check (default: --config, else the usual places)")
    .action(
      run(async (context, file: string | undefined) => {
        const { services, source } = context;
        const checked = await services.checkConfiguration({
          ...source,
          config: file ?? source.config,
        });
        await context.print({ valid: true, ...checked }, () => {
          if (checked.file === undefined)
            return "There is no configuration, and none is needed: the embedded engines serve.";
          return [
            `${checked.file} is right${checked.empty ? ", and says nothing" : ""}: ${count(checked.backends, "backend")}${checked.builtIn === 0 ? "" : ` (${checked.builtIn} built in)`}, ${count(checked.models, "alias", "aliases")}.`,
            ...checked.warnings.map((warning) => `Mind: ${warning}`),
            ...checked.setAside.map((each) => `Mind: ${describeSetAside(each)}`),
          ].join("\n");
        });
      }),
    );
  command
    .command("schema")
    .description("Print the JSON Schema of the configuration.")
    .action(
      run(async (context) => {
        const schema = await context.services.configurationSchema(context.source);
        await context.answer(`${JSON.stringify(schema, null, 2)}\n`);
      }),
    );
};

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
