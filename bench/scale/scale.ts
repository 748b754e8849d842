import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import { createGateway, type ManagedGateway } from "../../src/gateway/gateway.ts";
import { parseConfiguration } from "../../src/gateway/parse-configuration.ts";
import { openSession } from "../../src/mcp/__fixtures__/http-requests.ts";
import { modelyardWith } from "../http/proxies.ts";
import { quickestStart } from "../http/quickest-start.ts";
import { startServer, type ServerCommand } from "../http/server-process.ts";
import { compare, median, milliseconds } from "../interleave.ts";
import type { BarGroup, Row } from "../row.ts";
import { listing, manyBackends } from "./many-backends.ts";

const many = 1_000;
const few = 10;
const calls = 10_000;

/** A thousand backends of ten models each, and a thousand aliases, beside ten. */
export const scale: BarGroup = async ({ rounds, say }) => {
  say("starts of serve with 1,000 backends, and with 10");
  const [large, small] = [await serverOf(many), await serverOf(few)];
  // The first start reads the files from the disk, and leaves compiled code for the next.
  for (const command of [small, large]) await quickestStart(command);
  const start = await compare({
    what: "serve, start to /ready, 1,000 backends and 10,000 models configured, against ten and a hundred",
    rounds,
    limit: { atMost: 2 },
    ours: () => quickestStart(large),
    theirs: () => quickestStart(small),
    format: milliseconds,
  });
  say("names, of so many and of few");
  const gateways = { many: gatewayOf(many), few: gatewayOf(few) };
  try {
    const rows: Row[] = [];
    // What is measured first must not pay for what V8 has yet to compile.
    for (const nameOf of Object.values(names)) {
      await callMany(gateways.many, nameOf(many - 1));
      await callMany(gateways.few, nameOf(few - 1));
    }
    for (const [kind, nameOf] of Object.entries(names)) {
      const row = await compare({
        what: `a call by ${kind}, of 10,000 models against a hundred`,
        rounds,
        limit: { atMost: 1.25 },
        ours: () => callMany(gateways.many, nameOf(many - 1)),
        theirs: () => callMany(gateways.few, nameOf(few - 1)),
        format: (us) => `${us.toFixed(1)} µs`,
      });
      rows.push(row);
    }
    say("the first list of a server, and one page of it");
    return [start, ...rows, ...(await firstList(large, rounds))];
  } finally {
    await Promise.all([gateways.many.close(), gateways.few.close()]);
  }
};

/** How a model may be named. */
const names: Record<string, (backend: number) => string> = {
  "an alias": (backend) => `alias-${backend}`,
  "backend/model": (backend) => `backend-${backend}/model-${backend}-9`,
  "a bare name that one backend lists": (backend) => `model-${backend}-9`,
};

function serverOf(count: number): Promise<ServerCommand> {
  const { backends, models } = manyBackends(count, (listed, index) => ({
    type: "openai-compatible",
    profile: "vllm",
    baseUrl: `http://10.0.${index >> 8}.${index & 255}:8000/v1`,
    apiKey: `key-of-${index}-1234567890`,
    models: listed,
  }));
  return modelyardWith(backends, { models });
}

function gatewayOf(count: number): ManagedGateway {
  const definitions = [listing];
  const written = manyBackends(count, (models) => ({ type: listing.type, models }));
  const capabilities = builtInCapabilities;
  const configuration = parseConfiguration(written, { definitions, capabilities });
  return createGateway({ configuration, definitions, log: silentLog });
}

/** What each of so many calls takes, one after another, in microseconds. */
async function callMany(gateway: ManagedGateway, model: string): Promise<number> {
  await gateway.call("embedding", { input: ["warm"] }, { model });
  const startedAt = performance.now();
  for (let call = 0; call < calls; call++)
    await gateway.call("embedding", { input: ["a text"] }, { model });
  return ((performance.now() - startedAt) * 1_000) / calls;
}

/** Over the port, of a server that has done nothing yet. */
async function firstList(command: ServerCommand, rounds: number): Promise<Row[]> {
  const [all, pages]: [number[], { ms: number; models: number; isLast: boolean }[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const server = await startServer(command);
    const startedAt = performance.now();
    const listed = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: unknown[] };
    all.push(performance.now() - startedAt);
    if (listed.data.length < 10 * many) throw new Error(`Only ${listed.data.length} models.`);
    pages.push(await firstPage(server.url));
    await server.kill();
  }
  const ms = median(all);
  const page = pages.at(-1)!;
  return [
    {
      what: "the first list of 10,000 models and 1,000 aliases, over the port",
      ours: milliseconds(ms),
      bar: "≤ 1 s",
      met: ms <= 1_000,
    },
    {
      what: `a page of list_models over MCP: ${page.models} models${page.isLast ? "" : ", and where to go on"}`,
      ours: milliseconds(median(pages.map((each) => each.ms))),
      bar: "≤ 1 s, ≤ 50 models",
      met: !page.isLast && page.models <= 50 && median(pages.map((each) => each.ms)) <= 1_000,
    },
  ];
}

async function firstPage(url: string) {
  const headers = await openSession(`${url}/mcp`);
  const startedAt = performance.now();
  const params = { name: "list_models", arguments: {} };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
  const response = await fetch(`${url}/mcp`, { method: "POST", headers, body });
  const text = await response.text();
  const json = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}");
  const { result } = JSON.parse(json) as {
    result?: { structuredContent: { models: unknown[]; nextCursor?: string } };
  };
  if (result === undefined) throw new Error(`list_models: ${text.slice(0, 200)}`);
  const { models, nextCursor } = result.structuredContent;
  return {
    ms: performance.now() - startedAt,
    models: models.length,
    isLast: nextCursor === undefined,
  };
}
