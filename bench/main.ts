import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { rowOfFailure, type BarGroup, type BenchOptions, type Row } from "./row.ts";
import { formatTable, summaryOf } from "./table.ts";

/**
 * `npm run bench [-- names…]`: the bars, each measured beside its alternative in the same run. `--rounds 3` and `--minutes 1` shorten it, `--json` prints
 * it for programs. Each group is read when its turn comes: the engines of one must not weigh on another's figures.
 */
const groups: Record<string, () => Promise<BarGroup>> = {
  tools: async () => (await import("./tool-list.ts")).toolList,
  "start-up": async () => (await import("./start-up.ts")).startUp,
  pipeline: async () => (await import("./pipeline-bars.ts")).pipelineBars,
  "llama-cpp": async () => (await import("./llama-cpp.ts")).llamaCpp,
  embeddings: async () => (await import("./embeddings.ts")).embeddings,
  events: async () => (await import("./event-cost.ts")).eventCost,
  memory: async () => (await import("./memory.ts")).memory,
  cancel: async () => (await import("./cancel.ts")).cancel,
  recovery: async () => (await import("./recovery.ts")).recovery,
  scale: async () => (await import("./scale/scale.ts")).scale,
  isolate: async () => (await import("./isolate/isolate.ts")).isolateCost,
  crash: async () => (await import("./crash.ts")).crash,
  gateway: async () => (await import("./http/gateway.ts")).gateway,
  streams: async () => (await import("./http/streams.ts")).manyStreams,
  "serve-start": async () => (await import("./http/serve-start.ts")).serveStart,
  "serve-memory": async () => (await import("./http/serve-memory.ts")).serveMemory,
  "mcp-call": async () => (await import("./http/mcp-call.ts")).mcpCall,
  kill: async () => (await import("./http/kill.ts")).kill,
  discovery: async () => (await import("./discovery.ts")).discovery,
  faults: async () => (await import("./http/faults.ts")).faultBars,
  breaker: async () => (await import("./http/breaker.ts")).breaker,
  "cancel-upstream": async () => (await import("./http/cancel-upstream.ts")).cancelUpstream,
  conformance: async () => (await import("./conformance.ts")).conformance,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    minutes: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const minutes = Number(values.minutes);
const unknown = positionals.filter((name) => !Object.hasOwn(groups, name));

if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !(minutes > 0)) {
  const names = Object.keys(groups).join(", ");
  process.stderr.write(
    `npm run bench -- [--rounds 5] [--minutes 10] [--json] [names…]; names are ${names}.\n`,
  );
  process.exit(2);
}

const before = describeMachine();
const rows: Row[] = [];
for (const [name, load] of Object.entries(groups)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  const measured = await measureGroup(load, { rounds, minutes, say }).catch((error: unknown) => [
    rowOfFailure(name, error),
  ]);
  // What has been found is not lost when somebody loses patience.
  for (const row of measured) say(summaryOf(row));
  rows.push(...measured);
}
const machine = { ...before, loadAfter: describeMachine().load };

if (values.json) process.stdout.write(`${JSON.stringify({ machine, rounds, rows }, null, 2)}\n`);
else process.stdout.write(formatTable(rows, { machine, rounds }));
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;

async function measureGroup(load: () => Promise<BarGroup>, options: BenchOptions): Promise<Row[]> {
  const measure = await load();
  return measure(options);
}
