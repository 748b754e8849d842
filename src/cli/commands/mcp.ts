import { setTimeout as sleep } from "node:timers/promises";
import { deferGateway } from "../deferred-gateway.ts";
import type { Define } from "../program.ts";

/** Long enough for a client's greeting, which it sends at once, to be answered first. */
const greetingMs = 20;

/** `modelyard mcp`: standard output belongs to the protocol, the log goes to standard error. */
export const defineMcp: Define = (command, run) => {
  command.action(
    run(
      async (context) => {
        const { services, log, signal } = context;
        const listening = Promise.withResolvers<void>();
        const opening = listening.promise
          .then(() => sleep(greetingMs))
          .then(() => context.openGateway());
        const gateway = deferGateway(await services.capabilities(), opening);
        // A configuration that is wrong ends the command, whether or not a client has called yet.
        const failure = opening.then(() => new Promise<never>(() => {}));
        const served = services.serveStdio(gateway, {
          log,
          signal,
          onListening: listening.resolve,
        });
        await Promise.race([served, failure]);
      },
      { longRunning: true },
    ),
  );
};
