import { afterEach, describe, expect, it } from "vitest";
import { defineBackend, type AnyBackendDefinition } from "../../contract/backend.ts";
import { scan as scanAll, scanLimitMs } from "./scan.ts";
import {
  defineKind,
  freePort,
  silence,
  startHttp,
  startKind,
  startRaw,
  type TestServer,
} from "./__fixtures__/kinds.ts";

/** Ample room for a busy machine; what it takes on one that is not is measured by the benchmark. */
const amplyMs = 2_000;

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function started<Server extends TestServer>(server: Promise<Server>): Promise<Server> {
  servers.push(await server);
  return server;
}

async function scan(definitions: readonly AnyBackendDefinition[], known?: Map<number, string>) {
  const startedAt = performance.now();
  const met = await scanAll({ definitions, log: silence, known });
  expect(performance.now() - startedAt).toBeLessThan(amplyMs);
  return met;
}

describe("a scan", () => {
  it("meets nobody where nobody is", async () => {
    const port = await freePort();
    expect(await scan([defineKind("one", [port])])).toEqual([{ as: "nobody", port }]);
  });

  it("finds each server, with its configuration checked", async () => {
    const one = await started(startKind("one"));
    const two = await started(startKind("two"));
    const definitions = [defineKind("one", [one.port]), defineKind("two", [two.port])];
    expect(await scan(definitions)).toMatchObject([
      {
        as: "found",
        port: one.port,
        server: {
          kind: "one",
          url: `http://127.0.0.1:${one.port}`,
          entry: { type: "one", baseUrl: `http://127.0.0.1:${one.port}/v1` },
          configured: { name: "one", settings: { type: "one", maxConcurrent: 64 } },
        },
      },
      { as: "found", server: { kind: "two" } },
    ]);
  });

  it("goes by the answer, where several kinds use one port, and asks each thing once", async () => {
    const server = await started(startKind("two"));
    const definitions = ["one", "two", "three"].map((type) => defineKind(type, [server.port]));
    expect(await scan(definitions)).toMatchObject([{ as: "found", server: { kind: "two" } }]);
    expect(server.asked.map(({ path }) => path)).toEqual(["/kind"]);
  });

  it("asks first for what stood there before", async () => {
    const server = await started(startKind("two"));
    const first = defineBackend({
      ...defineKind("one", []),
      discover: [{ name: "one", ports: [server.port], recognise: () => expect.unreachable() }],
    });
    const known = new Map([[server.port, "two"]]);
    expect(await scan([first, defineKind("two", [server.port])], known)).toMatchObject([
      { as: "found", server: { kind: "two" } },
    ]);
  });

  it("carries nothing that says who we are", async () => {
    const server = await started(startHttp((_, response) => response.end("{}")));
    const nosy = defineBackend({
      ...defineKind("one", []),
      discover: [
        {
          name: "one",
          ports: [server.port],
          async recognise(url, { fetch }) {
            await fetch(url, { headers: { authorization: "Bearer secret", cookie: "a=b" } });
            return undefined;
          },
        },
      ],
    });
    await scan([nosy]);
    expect(Object.keys(server.asked[0]?.headers ?? {}).toSorted()).toEqual([
      "accept",
      "connection",
      "host",
      "user-agent",
    ]);
  });

  it("follows nobody elsewhere", async () => {
    const other = await started(startKind("one"));
    const server = await started(
      startHttp((_, response) => {
        response.writeHead(302, { location: `http://127.0.0.1:${other.port}/kind` }).end();
      }),
    );
    const definition = defineKind("one", [server.port]);
    expect(await scan([definition])).toMatchObject([
      { as: "strange", said: "answers 302, without a word", unsure: false },
    ]);
    expect(other.asked).toEqual([]);
  });

  it.each<[string, (url: string, ask: typeof fetch) => Promise<unknown>]>([
    ["reaches no other address", (_, ask) => ask("http://127.0.0.1:1/")],
    ["writes nothing", (url, ask) => ask(url, { method: "POST", body: "{}" })],
  ])("%s for a kind that tries", async (_, tries) => {
    const server = await started(startHttp((_, response) => response.end()));
    let refusal: unknown;
    const bold = defineBackend({
      ...defineKind("one", []),
      discover: [
        {
          name: "one",
          ports: [server.port],
          recognise: async (url, { fetch }) => {
            refusal = await tries(url, fetch).catch((error: unknown) => error);
            return undefined;
          },
        },
      ],
    });
    await scan([bold]);
    expect(refusal).toMatchObject({ code: "privacy-violation" });
    expect(server.asked).toEqual([]);
  });

  it.each<[string, string, () => Promise<TestServer>]>([
    [
      "is something else",
      'answers 404, server "Apache", "<html> <b>Not here</b>"',
      () =>
        startHttp((_, response) => {
          response.writeHead(404, { server: "Apache" }).end("<html>\n<b>Not here</b>");
        }),
    ],
    [
      "talks without end",
      `answers 200, "${"a".repeat(80)}…"`,
      () => startHttp((_, response) => response.end("a".repeat(10_000))),
    ],
    ["hangs up", "closes the connection", () => startRaw((socket) => socket.destroy())],
    [
      "speaks something else",
      "does not speak HTTP",
      () => startRaw((socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n")),
    ],
  ])("tells of a server that %s", async (_, said, start) => {
    const { port } = await started(start());
    expect(await scan([defineKind("one", [port])])).toEqual([
      { as: "strange", port, said, unsure: false },
    ]);
  });

  it("waits for nobody who says nothing, and meets the others meanwhile", async () => {
    const silent = await started(startRaw());
    const other = await started(startKind("two"));
    const definitions = [defineKind("one", [silent.port]), defineKind("two", [other.port])];
    expect(await scan(definitions)).toMatchObject([
      { as: "strange", said: "accepts connections and says nothing", unsure: true },
      { as: "found", server: { kind: "two" } },
    ]);
  });

  it("waits for no kind that does not come back", async () => {
    const server = await started(startKind("one"));
    const hanging = defineBackend({
      ...defineKind("one", []),
      discover: [{ name: "one", ports: [server.port], recognise: () => new Promise(() => {}) }],
    });
    expect(await scan([hanging])).toMatchObject([{ as: "strange", unsure: true }]);
  });

  it("takes nothing in that its own kind would refuse", async () => {
    const server = await started(startHttp((_, response) => response.end()));
    const confused = defineBackend({
      ...defineKind("one", []),
      discover: [{ name: "one", ports: [server.port], recognise: async () => ({ baseUrl: 1 }) }],
    });
    expect(await scan([confused])).toMatchObject([{ as: "strange" }]);
  });

  it("ends well within 300 ms", () => {
    expect(scanLimitMs).toBeLessThanOrEqual(230);
  });
});

it("does not blame a server for what keeps this process busy", async () => {
  const server = await started(startKind("one"));
  const scanning = scanAll({ definitions: [defineKind("one", [server.port])], log: silence });
  const busyUntil = performance.now() + 2 * scanLimitMs;
  while (performance.now() < busyUntil);
  expect(await scanning).toMatchObject([{ as: "found" }]);
});
