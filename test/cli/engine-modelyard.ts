/** The command line over an engine in a process of its own, whose answers never end. */
import { services } from "../../src/app/services.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import engine from "../../src/engine/__fixtures__/engine.ts";
import { isolate } from "../../src/engine/isolate.ts";
import { deferGateway } from "../../src/gateway/deferred-gateway.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { parseConfiguration } from "../../src/gateway/parse-configuration.ts";

const code = await runCommandLine(process.argv.slice(2), {
  ...services,
  deferredGateway: ({ log }) =>
    deferGateway(async () => {
      const definitions = [engine];
      const capabilities = builtInCapabilities;
      const written = { backends: { engine: { type: engine.type } }, server: { drainMs: 300 } };
      const configuration = parseConfiguration(written, { definitions, capabilities });
      return createGateway({ configuration, definitions, log, isolate });
    }),
});
process.exit(code);
