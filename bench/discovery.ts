import { execFile } from "node:child_process";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { fakeServers, startFake } from "../test/discovery/fake-servers.ts";
import { milliseconds } from "./interleave.ts";
import type { BarGroup, Row } from "./row.ts";

/** A first look at everything, in milliseconds. */
const barMs = 300;

/** How long a fresh process looks around for servers: with nothing there, with one of each kind there, with one that says nothing. */
export const discovery: BarGroup = async ({ rounds, say }) => {
  const kinds = Object.keys(fakeServers);
  const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const servers = await Promise.all(kinds.map((kind) => startFake(kind)));
  const everything = Object.fromEntries(kinds.map((kind, index) => [kind, [servers[index]!.port]]));
  const silentPort = (silent.address() as AddressInfo).port;
  const withSilence = { ...everything, [kinds[0]!]: [...everything[kinds[0]!]!, silentPort] };
  try {
    const found = kinds.map(() => "found");
    const rows = [
      await row(
        "nothing there",
        nothing(kinds),
        kinds.map(() => "nobody"),
      ),
    ];
    rows.push(await row("everything there", everything, found));
    rows.push(
      await row("everything, and a port that says nothing", withSilence, [...found, "strange"]),
    );
    return rows;
  } finally {
    silent.close();
    await Promise.all(servers.map((server) => server.close()));
  }

  /** The slowest of the rounds counts: a bar in milliseconds is for each. */
  async function row(what: string, ports: object, expected: string[]): Promise<Row> {
    say(what);
    let slowest = 0;
    for (let round = 0; round < rounds; round++) {
      const { tookMs, met } = await scanOnce(ports);
      slowest = Math.max(slowest, tookMs);
      if (met.toSorted().join() !== expected.toSorted().join())
        throw new Error(`Met ${met.join(", ")} with ${what}.`);
    }
    return {
      what: `discovery: ${what}`,
      ours: milliseconds(slowest),
      bar: `≤ ${barMs} ms`,
      met: slowest <= barMs,
    };
  }
};

/** Ports that nobody listens at: below those that are given out. */
function nothing(kinds: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(kinds.map((kind, index) => [kind, [2 + index]]));
}

async function scanOnce(ports: object): Promise<{ tookMs: number; met: string[] }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(import.meta.dirname, "scan-once.ts")],
    { env: { ...process.env, SCAN_PORTS: JSON.stringify(ports) } },
  );
  return JSON.parse(stdout) as { tookMs: number; met: string[] };
}
