import { parseModelName } from "../model-name.ts";
import type { Define } from "../program.ts";

/** `modelyard remove`: deletes a model's weights from the disk. */
export const defineRemove: Define = (command, run) => {
  command.argument("<model>", "backend/model, or an alias", parseModelName).action(
    run(async (context, model: string) => {
      await context.gateway.remove(model);
      await context.print(
        { model, installed: false },
        () => `The weights of ${model} are deleted.`,
      );
    }),
  );
};
