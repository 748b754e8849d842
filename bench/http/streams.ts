import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { compareAll } from "../interleave.ts";
import { cpuMsOfTree } from "../process-tree.ts";
import type { BarGroup } from "../row.ts";
import { eventsPerSecond } from "./paced-text.ts";
import { bareProxyBefore, modelyardBefore } from "./proxies.ts";
import { startServer, type ServerCommand, type ServerProcess } from "./server-process.ts";
import type { ReadFigures, ReadOrder } from "./stream-readers.ts";

const streams = 500;
/** Of each stream: some eight seconds. */
const events = 8 * eventsPerSecond;

interface Figures extends ReadFigures {
  readonly cpuMsPerEvent: number;
}

/** Hundreds of answers at once, at the pace of models. */
export const manyStreams: BarGroup = async ({ rounds, say }) => {
  const upstream = fork(path.join(import.meta.dirname, "paced-upstream.ts"));
  const readers = fork(path.join(import.meta.dirname, "stream-readers.ts"));
  const [{ port }] = (await once(upstream, "message")) as [{ port: number }];
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const seen: ReadFigures[] = [];

  async function measure({ pid, url }: ServerProcess): Promise<Figures> {
    const before = await cpuMsOfTree(pid);
    const figures = await read({ url: `${url}/v1/chat/completions`, streams, events });
    const spentMs = (await cpuMsOfTree(pid)) - before;
    return { ...figures, cpuMsPerEvent: spentMs / (streams * events) };
  }

  async function read(order: ReadOrder): Promise<ReadFigures> {
    readers.send(order);
    const [answer] = (await once(readers, "message")) as [ReadFigures | { problem: string }];
    if ("problem" in answer) throw new Error(answer.problem);
    return answer;
  }

  async function warmed(command: ServerCommand): Promise<ServerProcess> {
    const server = await startServer(command);
    await read({ url: `${server.url}/v1/chat/completions`, streams: 100, events: 33 });
    return server;
  }

  await using servers = new AsyncDisposableStack();
  servers.defer(() => void (upstream.disconnect(), readers.disconnect()));
  say(`${streams} streams at once`);
  const ours = await warmed(await modelyardBefore(baseUrl, { maxConcurrent: 2 * streams }));
  servers.defer(ours.kill);
  const theirs = await warmed(bareProxyBefore(baseUrl));
  servers.defer(theirs.kill);
  const rows = await compareAll({
    rounds,
    ours: async () => {
      const figures = await measure(ours);
      seen.push(figures);
      return figures;
    },
    theirs: async () => {
      const figures = await measure(theirs);
      if (figures.whole < streams) throw new Error("The bare proxy lost streams.");
      return figures;
    },
    rows: [
      {
        what: `CPU of an event, ${streams} streams at once, against a bare proxy that reads and writes each`,
        figure: ({ cpuMsPerEvent }) => cpuMsPerEvent,
        limit: { atMost: 1.5 },
        format: (ms) => `${(ms * 1000).toFixed(1)} µs`,
      },
    ],
  });
  const whole = seen.reduce((sum, figures) => sum + figures.whole, 0);
  const mixed = seen.reduce((sum, figures) => sum + figures.mixed, 0);
  const slowest = Math.min(
    ...seen.map(({ seconds }) => (streams * events) / seconds),
    streams * eventsPerSecond,
  );
  const all = streams * seen.length;
  return [
    {
      what: `${streams} streams at once, ${eventsPerSecond} events/s each`,
      ours: `${all - whole - mixed} cut, ${mixed} mixed of ${all}; ${slowest.toFixed(0)} events/s`,
      bar: "none lost, none mixed",
      met: seen.length > 0 && whole === all,
    },
    ...rows,
  ];
};
