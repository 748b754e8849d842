/** Looks around once, as a fresh process does, at the ports that SCAN_PORTS names (JSON: kind → ports); prints milliseconds and what was met. */
import { builtInDefinitions } from "../src/app/built-in-definitions.ts";
import { scan } from "../src/gateway/discovery/scan.ts";
import { atPorts } from "../test/discovery/at-ports.ts";

const ports = JSON.parse(process.env["SCAN_PORTS"] ?? "{}") as Record<string, number[]>;
const definitions = atPorts(await builtInDefinitions(), (kind) => ports[kind] ?? []);
const log = { debug() {}, info() {}, warn() {}, error() {} };

const startedAt = performance.now();
const met = await scan({ definitions, log });
const tookMs = performance.now() - startedAt;
process.stdout.write(JSON.stringify({ tookMs, met: met.map((each) => each.as) }));
