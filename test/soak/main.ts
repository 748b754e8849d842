/** `npm run soak [-- --minutes 30]`: mixed traffic with faults, outages, kills and reloads; what is lost, what grows. */
import { parseArgs } from "node:util";
import { soak, type Sample } from "./soak.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const lastsMs = Number(values.minutes) * 60_000;
const { samples, ...report } = await soak({
  lastsMs,
  // Killed early on: the rest of the time shows whether anything grows.
  killsAtMs: [0.05 * lastsMs, 0.1 * lastsMs],
  reloadEveryMs: 10_000,
  outageEveryMs: 17_000,
  say: (line) => void process.stderr.write(`${line}\n`),
});

const median = (given: number[]) =>
  given.toSorted((a, b) => a - b)[Math.floor(given.length / 2)] ?? 0;
/** The last life, from when it has settled on. */
const last = samples.filter(({ atMs }) => atMs > lastsMs * 0.4);
const half = Math.floor(last.length / 2);
const figure = (part: readonly Sample[]) => ({
  megabytes: Math.round(median(part.map(({ residentBytes }) => residentBytes)) / 1e6),
  handles: median(part.map(({ handles }) => handles)),
});
const [before, after] = [figure(last.slice(0, half)), figure(last.slice(half))];
process.stdout.write(`${JSON.stringify({ ...report, before, after }, null, 2)}\n`);

const { sent, fates, killed, counted } = report;
const accounted =
  fates.lost === 0 &&
  fates.answered + fates.failed + fates.cancelled + killed === sent &&
  counted.told <= counted.sent &&
  counted.told >= counted.sent - counted.cancelled &&
  counted.running === 0;
const flat = after.megabytes <= before.megabytes * 1.15 + 5 && after.handles <= before.handles + 10;
process.stdout.write(`every call accounted for: ${accounted}; no growth: ${flat}\n`);
process.exitCode = accounted && flat ? 0 : 1;
