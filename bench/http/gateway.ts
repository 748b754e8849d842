import {
  compareAll,
  cpuPerRequest,
  requestsPerSecond,
  type JointComparison,
} from "../interleave.ts";
import { rowOfFailure, type BarGroup, type BenchOptions, type Row } from "../row.ts";
import { startFixedUpstream, type FixedUpstream } from "./fixed-upstream.ts";
import { litellmBefore } from "./litellm.ts";
import { portkey, portkeyHeaders } from "./portkey.ts";
import { bareProxyBefore, chatBody, modelyardBefore } from "./proxies.ts";
import { startServer, type ServerCommand } from "./server-process.ts";
import { startLoad, type Load, type LoadGenerator } from "./start-load.ts";

/** A server that chats, and how a chat is asked of it. */
interface Side {
  readonly command: ServerCommand;
  readonly stream?: boolean;
  /** `fixed` where left out: what the upstream calls it. */
  readonly model?: string;
  readonly headers?: Record<string, string>;
  readonly requests: number;
  readonly warmUp: number;
}

/** A model with its backend in front, as most callers name it. */
const ourName = "fixed/fixed";
const atOnce = 32;
const requests = 8_000;
/** Until what is hot has been compiled: these servers are left running. */
const warmUp = 20_000;
/** One after the other. */
const alone = 1_500;

/** What `modelyard serve` costs before an upstream that answers at once, beside a bare proxy and other gateways. */
export const gateway: BarGroup = async ({ rounds, say }) => {
  await using upstream = await startFixedUpstream();
  await using load = startLoad();
  const rows: Row[] = [];
  rows.push(...(await besideBareProxy(upstream, load, { rounds, say })));
  say("beside Portkey's gateway");
  rows.push(
    await throughput(load, rounds, {
      what: "throughput, against Portkey's gateway 1.15.2",
      atLeast: 5,
      ours: { command: await modelyardBefore(upstream.whole), model: ourName, requests, warmUp },
      theirs: async () => ({
        command: await portkey(),
        headers: portkeyHeaders(upstream.whole),
        requests: 2_000,
        warmUp: 1_000,
      }),
    }),
  );
  say("beside LiteLLM's proxy");
  rows.push(
    await throughput(load, rounds, {
      what: "throughput, against LiteLLM's proxy",
      atLeast: 50,
      ours: { command: await modelyardBefore(upstream.whole), model: ourName, requests, warmUp },
      theirs: async () => ({
        command: await litellmBefore(upstream.whole),
        requests: 300,
        warmUp: 100,
      }),
    }),
  );
  return rows;
};

async function besideBareProxy(
  { whole, streamed }: FixedUpstream,
  load: LoadGenerator,
  { rounds, say }: Pick<BenchOptions, "rounds" | "say">,
): Promise<Row[]> {
  const size = { requests, warmUp };
  say("beside a bare proxy, answers in one piece");
  const wholeRows = await beside(
    load,
    rounds,
    {
      ours: { command: await modelyardBefore(whole), model: ourName, ...size },
      theirs: { command: bareProxyBefore(whole), ...size },
    },
    [
      cpu("CPU of a request, against a bare proxy"),
      {
        what: "throughput at 32 connections, against a bare proxy",
        figure: ({ many }) => many.requestsPerSecond,
        limit: { atLeast: 0.65 },
        format: requestsPerSecond,
      },
      {
        what: "added latency at one connection, against a bare proxy",
        figure: ({ addedMs }) => addedMs,
        limit: { atMost: 1.4 },
        format: (ms) => `${(ms * 1000).toFixed(0)} µs`,
      },
    ],
    directTo(whole),
  );
  say("beside a bare proxy, answers streamed");
  const streamedRows = await beside(
    load,
    rounds,
    {
      ours: { command: await modelyardBefore(streamed), model: ourName, stream: true, ...size },
      theirs: { command: bareProxyBefore(streamed), stream: true, ...size },
    },
    [cpu("CPU of a streamed request of 16 events, against a bare proxy that reads each event")],
  );
  say("beside a bare proxy, an upstream that streams to us alone");
  const mixedRows = await beside(
    load,
    rounds,
    {
      ours: { command: await modelyardBefore(streamed), model: ourName, ...size },
      theirs: { command: bareProxyBefore(whole), ...size },
    },
    [
      cpu(
        "CPU of a request that an upstream streams to us in 16 events, against a bare proxy that gets it in one piece",
      ),
    ],
  );
  return [...wholeRows, ...streamedRows, ...mixedRows];
}

function cpu(what: string): JointComparison<Figures>["rows"][number] {
  return {
    what,
    figure: ({ many }) => many.cpuMsPerRequest,
    limit: { atMost: 1.5 },
    format: cpuPerRequest,
  };
}

interface Figures {
  readonly many: Load;
  /** By how much an answer is later through the proxy, one after the other. */
  readonly addedMs: number;
}

async function beside(
  load: LoadGenerator,
  rounds: number,
  sides: Record<"ours" | "theirs", Side>,
  rows: JointComparison<Figures>["rows"],
  directMs: (load: LoadGenerator) => Promise<number> = async () => Number.NaN,
): Promise<Row[]> {
  await using ours = await open(load, sides.ours);
  await using theirs = await open(load, sides.theirs);
  const figuresOf = async (chat: OpenSide): Promise<Figures> => {
    const many = await chat.measure();
    const direct = await directMs(load);
    const addedMs = Number.isNaN(direct) ? direct : (await chat.measureAlone()).medianMs - direct;
    return { many, addedMs };
  };
  // Not before this has ended may the servers.
  return await compareAll({
    rounds,
    ours: () => figuresOf(ours),
    theirs: () => figuresOf(theirs),
    rows,
  });
}

function directTo(baseUrl: string) {
  return async (load: LoadGenerator) => {
    const url = `${baseUrl}/chat/completions`;
    const body = chatBody("fixed", false);
    const order = { url, headers: {}, body, expected, requests: alone, atOnce: 1 };
    return (await load.run(order)).medianMs;
  };
}

interface OpenSide extends AsyncDisposable {
  measure(): Promise<Load>;
  measureAlone(): Promise<Load>;
}

const expected = "word15";

async function open(load: LoadGenerator, side: Side): Promise<OpenSide> {
  const server = await startServer(side.command);
  const order = {
    url: `${server.url}/v1/chat/completions`,
    headers: side.headers ?? {},
    body: chatBody(side.model ?? "fixed", side.stream ?? false),
    expected,
    requests: side.requests,
    atOnce,
  };
  try {
    await load.run({ ...order, requests: side.warmUp });
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    measure: () => load.measure(server, order),
    measureAlone: () => load.measure(server, { ...order, requests: alone, atOnce: 1 }),
    [Symbol.asyncDispose]: server.kill,
  };
}

interface Race {
  readonly what: string;
  readonly atLeast: number;
  readonly ours: Side;
  readonly theirs: () => Promise<Side>;
}

/** Beside another gateway, which may not be had. */
async function throughput(
  load: LoadGenerator,
  rounds: number,
  { what, atLeast, ours, theirs }: Race,
): Promise<Row> {
  try {
    const sides = { ours, theirs: await theirs() };
    const figure = ({ many }: Figures) => many.requestsPerSecond;
    const row = { what, figure, limit: { atLeast }, format: requestsPerSecond };
    const [measured] = await beside(load, rounds, sides, [row]);
    return measured ?? { what };
  } catch (error) {
    return rowOfFailure(what, error);
  }
}
