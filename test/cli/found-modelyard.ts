/** The command line, which looks for servers at the ports that FOUND_PORTS names, as JSON: kind → port. */
import { builtInDefinitions } from "../../src/app/built-in-definitions.ts";
import { readConfiguration } from "../../src/app/read-configuration.ts";
import { services } from "../../src/app/services.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { deferGateway } from "../../src/gateway/deferred-gateway.ts";
import { survey } from "../../src/gateway/discovery/survey.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { atPorts } from "../discovery/at-ports.ts";

const ports = JSON.parse(process.env["FOUND_PORTS"] ?? "{}") as Record<string, number>;
const definitions = atPorts(await builtInDefinitions(), (kind) => {
  const port = ports[kind];
  return port === undefined ? [] : [port];
});

const code = await runCommandLine(process.argv.slice(2), {
  ...services,
  deferredGateway: ({ config, log }) =>
    deferGateway(async () => {
      const { configuration } = await readConfiguration(config);
      return createGateway({ configuration, definitions, log });
    }),
  async survey({ config, log }) {
    const configuration =
      config === false ? undefined : (await readConfiguration(config)).configuration;
    return survey({ definitions, configuration, log });
  },
});
process.exit(code);
