import { asked, isForHere } from "../asked.ts";
import { parseModelName } from "../model-name.ts";
import type { Define } from "../program.ts";
import { formatBytes } from "../../contract/format-bytes.ts";

/** `modelyard pull`: an interrupted fetch leaves what it has, and the next one goes on from there. */
export const definePull: Define = (command, run) => {
  command
    .argument("<model>", "a model's name, hf:owner/repo/file.gguf, a URL or a path", parseModelName)
    .option("--sha256 <digest>", "the digest that the file must have, in hexadecimal")
    .action(
      run(async (context, model: string, { sha256 }: { sha256?: string }) => {
        context.progress.begin(`Looking for ${model}`);
        try {
          const pulled = await (isForHere(model) ? context.gateway : await asked(context)).pull(
            model,
            {
              sha256,
              signal: context.signal,
              onProgress: context.progress.update,
            },
          );
          await context.print(pulled, () => {
            const size = pulled.sizeBytes === undefined ? "" : `, ${formatBytes(pulled.sizeBytes)}`;
            return `${pulled.model} is installed${size}.`;
          });
        } catch (error) {
          if (context.signal.aborted)
            context.note(`Interrupted. \`modelyard pull ${model}\` goes on from here.`);
          throw error;
        }
      }),
    );
};
