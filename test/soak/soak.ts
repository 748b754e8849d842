import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { faults, type FaultName } from "../../src/testing/faults.ts";
import { folderWith, startModelyard, type Run } from "../cli/run-modelyard.ts";
import { kinds, type Fate } from "./traffic.ts";

export interface SoakOptions {
  readonly lastsMs: number;
  /** When the server is killed (`kill -9`) under load and started again. */
  readonly killsAtMs?: readonly number[];
  /** How often the configuration changes. */
  readonly reloadEveryMs: number;
  /** How often the first upstream goes away for a while. */
  readonly outageEveryMs: number;
  readonly entry?: string;
  readonly say?: (line: string) => void;
}

/** One look at the server's process. */
export interface Sample {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly handles: number;
}

export interface SoakReport {
  readonly sent: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** Calls that were under way when the server was killed. */
  readonly killed: number;
  /** What was lost, and how. */
  readonly losses: readonly string[];
  /** Of the last life of the server: what was sent to be counted, of that given up, what its counters say, and what still runs. */
  readonly counted: { sent: number; cancelled: number; told: number; running: number };
  readonly samples: readonly Sample[];
}

const atOnce = 8;
/** Those that end only with a limit, or move many bytes, come seldom enough by leaving them out here. */
const faultNames = (Object.keys(faults) as FaultName[]).filter(
  (name) => !/17 MB|3 s|date|slow|late/.test(name),
);

interface Life {
  readonly run: Run;
  readonly url: string;
  killed: boolean;
  sent: number;
  cancelled: number;
}

/** Mixed traffic to a real server for a while, with faults upstream, outages, changes of its configuration, and kills. Every call is accounted for. */
export async function soak({
  lastsMs,
  entry,
  say = () => {},
  ...every
}: SoakOptions): Promise<SoakReport> {
  let asked = 0;
  const script = () =>
    ++asked % 3 === 0 ? faults[faultNames[asked % faultNames.length]!] : undefined;
  await using first = await chaosUpstream({ script });
  await using second = await chaosUpstream({
    script: (number) => (number % 10 === 0 ? script() : undefined),
  });
  const configurationOf = (round: number) => {
    const backend = { type: "openai-compatible", profile: "plain", models: ["chaos"] };
    const timeouts = { firstTokenMs: 1_000, idleMs: 1_000, totalMs: 5_000 };
    return {
      backends: {
        first: { ...backend, baseUrl: `${first.url}/v1`, timeouts, maxQueue: 100 + (round % 2) },
        second: { ...backend, baseUrl: `${second.url}/v1`, timeouts },
      },
      models: [{ name: "pair", targets: ["first/chaos", "second/chaos"] }],
    };
  };
  const directory = folderWith(configurationOf(0));
  const fates: Record<Fate, number> = { answered: 0, failed: 0, cancelled: 0, lost: 0 };
  const losses: string[] = [];
  const samples: Sample[] = [];
  let [sent, killed, round] = [0, 0, 0];
  const startedAt = performance.now();
  const isOver = () => performance.now() - startedAt > lastsMs;

  async function begin(): Promise<Life> {
    const run = startModelyard(["serve", "--port", "0"], {
      directory,
      ...(entry === undefined ? {} : { entry }),
    });
    await run.saw("/mcp\n");
    const url = /(http:\S+)\/mcp/.exec(run.written.stdout)![1]!;
    return { run, url, killed: false, sent: 0, cancelled: 0 };
  }

  let life = await begin();
  let next = Promise.resolve();

  async function call(index: number): Promise<void> {
    const kind = kinds[index % kinds.length]!;
    const own = life;
    sent += 1;
    if (kind.counted) own.sent += 1;
    let fate: Fate;
    try {
      fate = await kind.call(own.url, AbortSignal.timeout(60_000));
    } catch (error) {
      if (own.killed) return void killed++;
      fate = "lost";
      losses.push(`${kind.name}: ${String(error)}`);
    }
    if (own.killed && fate === "lost") return void killed++;
    if (fate === "lost") losses.push(kind.name);
    if (fate === "cancelled") own.cancelled += 1;
    fates[fate] += 1;
  }

  async function work(): Promise<void> {
    while (!isOver()) {
      await next;
      await call(sent);
    }
  }

  async function doAt(times: readonly number[], deed: () => Promise<void>): Promise<void> {
    for (const at of times) {
      await sleep(Math.max(0, startedAt + at - performance.now()));
      if (!isOver()) await deed();
    }
  }

  const repeat = (everyMs: number, deed: () => Promise<void>) =>
    doAt(
      Array.from({ length: Math.ceil(lastsMs / everyMs) - 1 }, (_, index) => (index + 1) * everyMs),
      deed,
    );

  const kill = async () => {
    life.killed = true;
    const back = Promise.withResolvers<void>();
    next = back.promise;
    life.run.child.kill("SIGKILL");
    await life.run.ended;
    life = await begin();
    back.resolve();
  };
  const reload = async () => {
    const text = JSON.stringify(configurationOf(++round));
    // As editors do: beside it, then in its place.
    fs.writeFileSync(path.join(directory, "next.json"), text);
    fs.renameSync(path.join(directory, "next.json"), path.join(directory, "modelyard.json"));
  };
  const outage = async () => {
    await first.refuse();
    await sleep(500);
    await first.accept();
  };
  const look = async () => {
    if (life.killed) return;
    const sample = sampleOf(life.run.child.pid!, performance.now() - startedAt);
    samples.push(sample);
    say(
      `${Math.round(sample.atMs / 1000)} s: ${sent} sent, ${JSON.stringify(fates)}, ${Math.round(sample.residentBytes / 1e6)} MB, ${sample.handles} handles`,
    );
  };

  await Promise.all([
    ...Array.from({ length: atOnce }, work),
    doAt(every.killsAtMs ?? [], kill),
    repeat(every.reloadEveryMs, reload),
    repeat(every.outageEveryMs, outage),
    repeat(Math.max(1_000, lastsMs / 120), look),
  ]);
  const told = await countersOf(life.url);
  const counted = { sent: life.sent, cancelled: life.cancelled, ...told };
  life.run.child.kill("SIGTERM");
  await life.run.ended;
  fs.rmSync(directory, { recursive: true });
  return { sent, fates, killed, losses, counted, samples };
}

function sampleOf(pid: number, atMs: number): Sample {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  const handles = fs.readdirSync(`/proc/${pid}/fd`).length;
  return { atMs, residentBytes: Number(kilobytes) * 1024, handles };
}

/** What the server says of itself once nothing is under way: a call that was given up may take a moment to be written down. */
async function countersOf(url: string): Promise<{ told: number; running: number }> {
  await sleep(500);
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "gm"))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return { told: sum("modelyard_calls_total"), running: sum("modelyard_calls_running") };
}
