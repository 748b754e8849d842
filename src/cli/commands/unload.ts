import { asked } from "../asked.ts";
import { parseModelName } from "../model-name.ts";
import type { Define } from "../program.ts";

/** `modelyard unload`: waits for the model's calls, then frees its memory. */
export const defineUnload: Define = (command, run) => {
  command.argument("<model>", "backend/model, or an alias", parseModelName).action(
    run(async (context, model: string) => {
      await (await asked(context)).unload(model);
      await context.print({ model, loaded: false }, () => `${model} is not in memory.`);
    }),
  );
};
