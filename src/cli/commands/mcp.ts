import type { Define } from "../program.ts";

/** `modelyard mcp`: standard output belongs to the protocol, the log goes to standard error. */
export const defineMcp: Define = (command, run) => {
  command.action(
    run(
      async (context) => {
        const { log, signal } = context;
        const gateway = await context.openGateway();
        await context.services.serveStdio(gateway, { log, signal });
      },
      { longRunning: true },
    ),
  );
};
