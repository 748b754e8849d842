import type { Log } from "../../contract/backend.ts";
import echo from "../../backends/echo.ts";
import { builtInCapabilities } from "../../contract/capabilities.ts";
import { createGateway, type ManagedGateway } from "../../gateway/gateway.ts";
import { parseConfiguration } from "../../gateway/parse-configuration.ts";
import trial from "./trial-backend.ts";

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A gateway with `echo` and `trial` behind it. */
export function createTrialGateway(log = silentLog): ManagedGateway {
  const definitions = [echo, trial];
  const capabilities = builtInCapabilities;
  const configuration = parseConfiguration(
    {
      backends: { echo: { type: "echo" }, trial: { type: "trial" } },
      defaults: { chat: "trial/plain", embedding: "trial/plain" },
    },
    { definitions, capabilities },
  );
  return createGateway({ configuration, definitions, log });
}
