import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { addWatchOption } from "../common-options.ts";
import type { Define } from "../program.ts";

/** Long enough for a client's greeting, which it sends at once, to be answered first. */
const greetingMs = 20;

/** `modelyard mcp`: standard output belongs to the protocol, the log goes to standard error. */
export const defineMcp: Define = (command, run) => {
  addWatchOption(command);
  command.action(
    run(
      async ({ services, gateway, log, signal, source, terminal }) => {
        // A client that has just launched us is greeted at once; what answers its calls is read meanwhile.
        const capabilities = await services.capabilities(source);
        const startedAt = new Date().toISOString();
        // A list of tools must not wait for the gateway only to hear that nothing can be changed.
        let changed = false;
        gateway.on("configuration", () => (changed = true));
        const isOff = async () =>
          !changed && !(await services.mayBeChanged(source).catch(() => true)); // opening tells of it
        const isBare = async () =>
          !changed && !(await services.isConfigured(source).catch(() => true));
        const greeter = {
          ...gateway,
          configuration: async () =>
            (await isOff()) ? { takenAt: startedAt, admin: false } : gateway.configuration(),
          // Nothing is configured that could serve more than what is always shown.
          shows: async (capability: string) => !(await isBare()) && gateway.shows(capability),
          capabilities: new Map(capabilities.map((each) => [each.name, each])),
        };
        const listening = Promise.withResolvers<void>();
        const served = services.serveStdio(greeter, {
          log,
          signal,
          output: terminal.output,
          onListening: listening.resolve,
        });
        // A configuration that is wrong ends the command, whether or not a client has called yet.
        const failure = listening.promise
          .then(() => sleep(greetingMs))
          // It idles most of its life beside somebody's editor: from here on a small heap is worth more than fast code.
          .then(() => setFlagsFromString("--optimize-for-size"))
          .then(gateway.open)
          .then(() => new Promise<never>(() => {}));
        await Promise.race([served, failure]);
      },
      { longRunning: true },
    ),
  );
};
