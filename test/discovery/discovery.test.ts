import { afterEach, describe, expect, it } from "vitest";
import { builtInDefinitions } from "../../src/app/built-in-definitions.ts";
import { scan } from "../../src/gateway/discovery/scan.ts";
import { atPorts } from "./at-ports.ts";
import { fakeServers, startFake, webServer, type FakeServer } from "./fake-servers.ts";

const definitions = await builtInDefinitions();
const kinds = definitions.flatMap(({ discover = [] }) => discover.map(({ name }) => name));
const log = { debug() {}, info() {}, warn() {}, error() {} };

const running: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(kind: string, fake = fakeServers[kind]!): Promise<number> {
  const server = await startFake(kind, fake);
  running.push(server);
  return server.port;
}

describe("the kinds of server that are looked for", () => {
  it("are all known to this test", () => {
    expect(kinds.toSorted()).toEqual(Object.keys(fakeServers).toSorted());
  });

  it.each(kinds)("%s is told from all others, whoever asks first", async (kind) => {
    const port = await start(kind);
    for (const ordered of [definitions, reversed()]) {
      const met = await scan({ definitions: atPorts(ordered, () => [port]), log });
      expect(met).toMatchObject([{ as: "found", server: { kind } }]);
    }
  });

  it("do not take something else for one of theirs", async () => {
    const port = await start("web", webServer);
    expect(await scan({ definitions: atPorts(definitions, () => [port]), log })).toEqual([
      {
        as: "strange",
        port,
        said: 'answers 404, "<html><title>Nothing here</title></html>"',
        unsure: false,
      },
    ]);
  });

  it("are all found together", async () => {
    const ports = new Map<string, number>();
    for (const kind of kinds) ports.set(kind, await start(kind));
    const met = await scan({
      definitions: atPorts(definitions, (kind) => [ports.get(kind)!]),
      log,
    });
    const found = met.map((each) => (each.as === "found" ? each.server.kind : each.as));
    expect(found.toSorted()).toEqual(kinds.toSorted());
  });
});

function reversed() {
  return definitions
    .map((each) => ({ ...each, ...(each.discover && { discover: each.discover.toReversed() }) }))
    .toReversed();
}
