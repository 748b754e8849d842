import { serveStdio } from "../stdio.ts";
import { createTrialGateway } from "./trial-gateway.ts";

/** `modelyard mcp` in small, for tests to start. */
const report = (message: string) => void process.stderr.write(`${message}\n`);
const log = { debug() {}, info: report, warn: report, error: report };
const gateway = createTrialGateway(log);
const limit = Number(process.env["MAX_MESSAGE_BYTES"] ?? 32 * 1024 * 1024);
await serveStdio(gateway, { version: "0.0.0", log, maxMessageBytes: limit });
await gateway.close({ drainMs: 0 });
