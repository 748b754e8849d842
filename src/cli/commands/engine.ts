import type { Define } from "../program.ts";

/** `modelyard engine install`: fetches an engine's binaries now; otherwise the first need does. */
export const defineEngine: Define = (command, run) => {
  command
    .command("install")
    .description("Fetch an engine's binaries now; otherwise the first need does.")
    .argument("<engine>", "llama-cpp or huggingface")
    .option("--gpu <kind>", "auto: what suits this machine", "auto")
    .action(
      run(async (context, type: string, { gpu }: { gpu?: string }) => {
        const { services, signal, log, progress } = context;
        progress.begin(`Looking for the engine ${type}`);
        const status = await services.installEngine(type, {
          gpu,
          signal,
          log,
          onProgress: progress.update,
        });
        await context.print(
          status,
          () =>
            `${status.type} ${status.version} is installed in ${status.directory ?? "the cache"}.`,
        );
      }),
    );
};
