import { afterEach, describe, expect, it, vi } from "vitest";
import type { AnyBackendDefinition } from "../../contract/backend.ts";
import type { ConfigurationInput } from "../configuration.ts";
import {
  createGate,
  createTestGateway,
  defineTestBackend,
  pausing,
  saying,
  textOf,
  type TestGateway,
} from "../__fixtures__/test-gateway.ts";
import {
  defineKind,
  freePort,
  startHttp,
  startKind,
  startRaw,
  type TestServer,
} from "./__fixtures__/kinds.ts";

const hello = { prompt: "hello there" };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  aheadMs = 0;
  for (const close of closing.splice(0).toReversed()) await close();
});

async function started<Server extends TestServer>(server: Promise<Server>): Promise<Server> {
  const { close } = await server;
  closing.push(async () => close().catch(() => {})); // it may have gone already
  return server;
}

/** A gateway that looks around, beside a built-in backend that is always there. */
function discovering(
  kinds: readonly AnyBackendDefinition[],
  configuration: ConfigurationInput = {},
): TestGateway {
  const embedded = defineTestBackend(
    "embedded",
    {
      capabilities: { chat: saying("embedded") },
      listModels: async () => [{ name: "small" }, { name: "one-model" }],
    },
    { chat: "small" },
  );
  const gateway = createTestGateway([embedded, ...kinds], { discover: true, ...configuration });
  closing.push(() => gateway.close({ drainMs: 0 }));
  return gateway;
}

async function namesOf(gateway: TestGateway): Promise<string[]> {
  return (await gateway.backends()).map(({ name }) => name);
}

const now = performance.now.bind(performance);
let aheadMs = 0;

/** As if this many milliseconds had passed. */
function later(ms: number): void {
  aheadMs += ms;
  vi.spyOn(performance, "now").mockImplementation(() => now() + aheadMs);
}

describe("servers that run already", () => {
  it("are listed with their models, as far as this device goes, and marked", async () => {
    const { port } = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [port])]);
    expect(await gateway.models()).toContainEqual(
      expect.objectContaining({ name: "one/one-model", privacy: "device" }),
    );
    expect((await gateway.backends()).map(({ name, discovered }) => [name, discovered])).toEqual([
      ["embedded", undefined],
      ["one", true],
    ]);
  });

  it("are not looked for unless that is wanted", async () => {
    const server = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [server.port])], { discover: false });
    expect(await namesOf(gateway)).toEqual(["embedded"]);
    await expect(gateway.call("chat", hello, { model: "one/x" })).rejects.toMatchObject({
      code: "model-not-found",
    });
    expect(server.asked).toEqual([]);
  });

  it("are called by name without having been listed, and cost a known name nothing", async () => {
    const server = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [server.port])]);
    await gateway.call("chat", hello);
    await gateway.call("chat", hello, { model: "small" });
    await gateway.call("chat", hello, { model: "embedded/small" });
    expect(server.asked).toEqual([]);
    const { result } = await gateway.call("chat", hello, { model: "one/one-model" });
    expect(result).toMatchObject({ text: `one at http://127.0.0.1:${server.port}/v1` });
  });

  it("do not change what a bare name means", async () => {
    const [one, two] = await Promise.all([started(startKind("one")), started(startKind("two"))]);
    const gateway = discovering([defineKind("one", [one.port]), defineKind("two", [two.port])]);
    await gateway.models();
    const own = await gateway.call("chat", hello, { model: "one-model" });
    expect(own.target.backend).toBe("embedded");
    expect((await gateway.call("chat", hello)).target.backend).toBe("embedded");
    const found = await gateway.call("chat", hello, { model: "two-model" });
    expect(found.target.backend).toBe("two");
  });

  it("may be what an alias and a default stand for", async () => {
    const { port } = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [port])], {
      models: [{ name: "assistant", targets: ["one/one-model"] }],
      defaults: { chat: "assistant" },
    });
    expect((await gateway.call("chat", hello)).target.backend).toBe("one");
  });

  it("hold an alias that prefers one to this device, whether it runs or not", async () => {
    const port = await freePort();
    const targets = ["one/one-model", "embedded/small"];
    const gateway = discovering([defineKind("one", [port])], {
      models: [
        { name: "near", targets },
        { name: "anywhere", targets, allowWider: true },
      ],
    });
    // Where nothing says what it sends, it may send anywhere.
    await expect(gateway.call("chat", hello, { model: "near" })).rejects.toMatchObject({
      code: "privacy-violation",
      backend: "embedded",
    });
    const backendOf = async (model: string) =>
      (await gateway.call("chat", hello, { model })).target.backend;
    expect(await backendOf("anywhere")).toBe("embedded");
    await started(startKind("one", port));
    later(3_000);
    expect(await backendOf("near")).toBe("one");
  });

  it("are not listed twice where their address is configured, on or off, however it is spelt", async () => {
    const [one, two] = await Promise.all([started(startKind("one")), started(startKind("one"))]);
    const gateway = discovering([defineKind("one", [one.port, two.port])], {
      backends: {
        mine: { type: "one", baseUrl: `http://localhost:${one.port}/` },
        off: { type: "one", enabled: false, baseUrl: `http://[::1]:${two.port}/v1` },
      },
    });
    expect(await namesOf(gateway)).toEqual(["mine", "embedded"]);
  });

  it("take another name where theirs is taken", async () => {
    const [one, two] = await Promise.all([started(startKind("one")), started(startKind("one"))]);
    const gateway = discovering([defineKind("one", [one.port, two.port])], {
      backends: { one: { type: "one", baseUrl: `http://127.0.0.1:${await freePort()}` } },
    });
    expect(await namesOf(gateway)).toEqual(["one", "embedded", "one-2", "one-3"]);
  });

  it("are looked for once, however many ask", async () => {
    const server = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [server.port])]);
    await Promise.all([gateway.models(), gateway.backends(), gateway.models()]);
    await gateway.models();
    expect(server.asked).toHaveLength(1);
  });
});

describe("servers that come and go", () => {
  it("are seen some seconds later, and told of", async () => {
    const port = await freePort();
    const gateway = discovering([defineKind("one", [port])]);
    let changes = 0;
    gateway.on("models", () => changes++);
    expect(await namesOf(gateway)).toEqual(["embedded"]);
    const server = await started(startKind("one", port));
    expect(await namesOf(gateway)).toEqual(["embedded"]);
    later(11_000);
    expect(await namesOf(gateway)).toEqual(["embedded", "one"]);
    await server.close();
    later(11_000);
    expect(await namesOf(gateway)).toEqual(["embedded"]);
    expect(changes).toBe(2);
    expect(gateway.lines).toEqual([
      `Found one at http://127.0.0.1:${port}.`,
      `one is gone from port ${port}.`,
    ]);
  });

  it("are found sooner by who calls them", async () => {
    const port = await freePort();
    const gateway = discovering([defineKind("one", [port])]);
    const call = () => gateway.call("chat", hello, { model: "one/one-model" });
    await expect(call()).rejects.toMatchObject({
      message: expect.stringContaining("none was found running"),
    });
    await started(startKind("one", port));
    later(3_000);
    expect((await call()).target).toEqual({ backend: "one", model: "one-model" });
  });

  it("end their calls first", async () => {
    const server = await started(startKind("one"));
    const gate = createGate();
    const kind = defineKind("one", [server.port]);
    const gateway = discovering([
      { ...kind, create: () => ({ capabilities: { chat: pausing(gate) } }) },
    ]);
    const { events } = await gateway.stream("chat", hello, { model: "one/x" });
    await server.close();
    later(11_000);
    expect(await namesOf(gateway)).toEqual(["embedded"]);
    gate.open();
    expect(await textOf(events)).toBe("ab");
  });

  it("stay while they are too busy to answer", async () => {
    const server = await started(startKind("one"));
    const gateway = discovering([defineKind("one", [server.port])]);
    await gateway.models();
    await server.close();
    const { promise: silent, resolve } = Promise.withResolvers<void>();
    await started(startHttp(() => resolve(), server.port));
    later(11_000);
    expect(await namesOf(gateway)).toEqual(["embedded", "one"]);
    await silent;
  });

  it("are replaced by what stands there now", async () => {
    const server = await started(startKind("one"));
    const { port } = server;
    const gateway = discovering([defineKind("one", [port]), defineKind("two", [port])]);
    await gateway.models();
    await server.close();
    await started(startKind("two", port));
    later(11_000);
    expect(await namesOf(gateway)).toEqual(["embedded", "two"]);
  });

  it("keep nobody from closing", async () => {
    const silent = await started(startRaw());
    const gateway = discovering([defineKind("one", [silent.port])]);
    const listed = namesOf(gateway);
    await gateway.close();
    expect(await listed).toEqual(["embedded"]);
  });
});
