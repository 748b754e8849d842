import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import ollama from "../../src/backends/ollama/index.ts";
import openaiCompatible from "../../src/backends/openai-compatible/index.ts";
import {
  defineBackend,
  type AnyBackendDefinition,
  type BackendSetup,
  type Sends,
} from "../../src/contract/backend.ts";
import { builtInCapabilities } from "../../src/contract/capabilities.ts";
import type { ChatEvent } from "../../src/contract/capabilities/chat.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import type { CallOptions, Caller } from "../../src/gateway/api.ts";
import type { ConfigurationInput } from "../../src/gateway/configuration.ts";
import { createGateway, type ManagedGateway } from "../../src/gateway/gateway.ts";
import { parseConfiguration } from "../../src/gateway/parse-configuration.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { namesAs, outsideAddress, startOutside, type Outside } from "./outside.ts";

// An address of this machine stands for one far away, so that a leak would be seen, and would go nowhere.
vi.mock("../../src/contract/http/privacy-class.ts", async (original) => {
  const actual = await original<typeof import("../../src/contract/http/privacy-class.ts")>();
  return {
    ...actual,
    classOfAddress: (address: string) =>
      address === outsideAddress ? "remote" : actual.classOfAddress(address),
  };
});

let outside: Outside;
let local: ChaosUpstream;
let gateway: ManagedGateway | undefined;

beforeEach(async () => {
  [outside, local] = await Promise.all([startOutside(), chaosUpstream()]);
});

afterEach(async () => {
  await gateway?.close({ drainMs: 0 });
  gateway = undefined;
  await Promise.all([outside[Symbol.asyncDispose](), local.close()]);
});

const config = z.strictObject({
  /** Out there. */
  url: z.string(),
  /** Where it says that it sends. */
  near: z.string().optional(),
});

type Setup = BackendSetup<z.output<typeof config>>;

/** A kind of backend that tries to reach the outside in whatever it is asked for. */
function leaking(type: string, sends: Sends, how: (setup: Setup) => () => Promise<unknown>) {
  return defineBackend({
    type,
    sends,
    config,
    upstream: ({ near }) => (near === undefined ? undefined : { url: near }),
    create(setup) {
      const leak = how(setup);
      const lose = async () => void (await leak());
      return {
        initialize: lose,
        remove: lose,
        load: lose,
        unload: lose,
        shutdown: lose,
        async healthCheck() {
          await leak();
          return { status: "healthy" };
        },
        async listModels() {
          await leak();
          return [{ name: "leak" }];
        },
        async *pull(model) {
          yield { phase: "pull", model, doneBytes: 0 };
          await leak();
        },
        capabilities: {
          async *chat({ messages }, { fetch }): AsyncGenerator<ChatEvent> {
            const body = JSON.stringify(messages);
            await Promise.any([leak(), fetch(setup.config.url, { method: "POST", body })]);
            yield { type: "text-delta", text: "leaked" };
            yield { type: "finish", reason: "stop", usage: {} };
          },
        },
      };
    },
  });
}

const definitions: readonly AnyBackendDefinition[] = [
  openaiCompatible,
  ollama,
  leaking(
    "leaks-by-fetch",
    "guarded",
    ({ config, fetch }) =>
      () =>
        fetch(config.url),
  ),
  leaking("leaks-by-socket", "by-itself", ({ config }) => async () => {
    const { hostname, port } = new URL(config.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve, reject) => socket.on("connect", resolve).on("error", reject));
    socket.end("a secret");
  }),
];

function open(configuration: ConfigurationInput, environment = {}): ManagedGateway {
  const capabilities = builtInCapabilities;
  const lookup = namesAs({
    "out.test": [outsideAddress],
    // Near when its class is told, far when it connects.
    "rebinds.test": (time) => [time === 1 ? "127.0.0.1" : outsideAddress],
    "both.test": ["127.0.0.1", outsideAddress],
    localhost: [outsideAddress],
  });
  gateway = createGateway({
    configuration: parseConfiguration(configuration, { definitions, capabilities }),
    definitions,
    log: silentLog,
    lookup,
    environment,
  });
  return gateway;
}

const atServer = (baseUrl: string) => ({ type: "openai-compatible", baseUrl });

/** Those that would like to reach further. */
function farBackends(port: number, nearUrl: string) {
  const away = `http://${outsideAddress}:${port}/v1`;
  return {
    address: atServer(away),
    name: atServer(`http://out.test:${port}/v1`),
    rebinds: atServer(`http://rebinds.test:${port}/v1`),
    both: atServer(`http://both.test:${port}/v1`),
    localhost: atServer(`http://localhost:${port}/v1`),
    decimal: atServer(`http://2135031809:${port}/v1`),
    ollama: { type: "ollama", baseUrl: `http://out.test:${port}`, autoPull: true },
    declared: { ...atServer(`${nearUrl}/v1`), privacy: "remote" },
    fetches: { type: "leaks-by-fetch", url: away },
    pretends: { type: "leaks-by-fetch", url: away, near: nearUrl },
    sockets: { type: "leaks-by-socket", url: away },
  };
}

const far = Object.keys(farBackends(1, "http://127.0.0.1"));

function backends(): NonNullable<ConfigurationInput["backends"]> {
  return { near: atServer(`${local.url}/v1`), ...farBackends(outside.port, local.url) };
}

const request = { messages: [{ role: "user", content: "a secret" }] };

/** What comes of it does not matter here. */
function quietly<Result>(work: Promise<Result>): Promise<Result | undefined> {
  return work.catch(() => undefined);
}

/** Everything that a person may ask, of everything there is. */
async function askEverything(asked: ManagedGateway, options: CallOptions, names: string[]) {
  const signal = AbortSignal.timeout(20_000);
  for (const model of names) {
    await quietly(asked.call("chat", request, { ...options, model, signal }));
    await quietly(
      asked.stream("chat", request, { ...options, model, signal }).then(async ({ events }) => {
        for await (const event of events) void event;
      }),
    );
  }
  await quietly(asked.call("chat", request, { ...options, signal }));
  await quietly(asked.call("chat", request, { ...options, model: "leak", signal }));
  await quietly(
    asked.call("embedding", { input: "a secret" }, { ...options, model: "leak", signal }),
  );
}

async function manageEverything(asked: ManagedGateway, caller?: Caller) {
  const models = (await quietly(asked.models({ health: true, caller }))) ?? [];
  await quietly(asked.backends({ health: true }));
  for (const name of far) {
    await quietly(asked.pull(`${name}/leak`));
    await quietly(asked.unload(`${name}/leak`));
    await quietly(asked.remove(`${name}/leak`));
  }
  return models.map(({ name }) => name);
}

/** What has left: the bar is nothing. */
function leaked(): object {
  const { bytes, connections, asked } = outside;
  console.info(`local-only: ${bytes} bytes left, by ${connections} connections`);
  return { bytes, connections, asked: [...asked] };
}

const nothing = { bytes: 0, connections: 0, asked: [] };

const everything = () => far.flatMap((name) => [`${name}/leak`, `${name}/any:cloud`]);

function aliases(privacy?: "device"): NonNullable<ConfigurationInput["models"]> {
  const leaks = far.map((name) => `${name}/leak`);
  const balanced = { allowWider: true, targets: [...leaks, "near/chaos"] };
  return [
    { name: "falls-back", targets: ["near/chaos", ...leaks] },
    { name: "weighted", strategy: "weighted" as const, ...balanced },
    { name: "fastest", strategy: "fastest" as const, ...balanced },
    { name: "least-busy", strategy: "least-busy" as const, ...balanced },
  ].map((alias) => (privacy === undefined ? alias : { ...alias, privacy }));
}

const aliasNames = ["falls-back", "weighted", "fastest", "least-busy"];

/** It fails for ever: everything that can be fallen back to is. */
const broken = () =>
  local.use(
    () =>
      ({ response }) =>
        void response.writeHead(503).end('{"error":{"message":"no"}}'),
  );

it("counts what leaves where it may: the instrument works", async () => {
  const asked = open({ backends: backends() });
  expect(await asked.call("chat", request, { model: "name/leak" })).toMatchObject({
    result: { text: "leaked" },
  });
  expect(outside.bytes).toBeGreaterThan(100);
});

describe("no byte leaves", () => {
  it.each(["working", "broken"])(
    "where the configuration allows this device alone, the near one %s",
    async (state) => {
      if (state === "broken") broken();
      const proxy = `http://${outsideAddress}:${outside.port}`;
      const asked = open(
        { backends: backends(), models: aliases(), discover: true, privacy: { allow: "device" } },
        { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
      );
      await askEverything(asked, {}, [...everything(), ...aliasNames]);
      await manageEverything(asked);
      // Once more, with all that has been learnt.
      await askEverything(asked, {}, [...everything(), ...aliasNames]);
      await asked.close({ drainMs: 0 });
      expect(leaked()).toEqual(nothing);
    },
  );

  it.each<[string, CallOptions]>([
    ["call", { privacy: "device" }],
    ["key", { caller: { name: "ci", privacy: "device" } }],
  ])("where the %s allows this device alone", async (_, options) => {
    broken();
    const asked = open({ backends: backends(), models: aliases(), discover: true });
    await askEverything(asked, options, [...everything(), ...aliasNames]);
    const { caller } = options;
    if (caller !== undefined) {
      await asked.models({ health: true, caller });
      for (const model of ["leak", ...everything()]) await quietly(asked.pull(model, { caller }));
    }
    expect(leaked()).toEqual(nothing);
  });

  it("where the alias allows this device alone, or begins with it", async () => {
    broken();
    const asked = open({ backends: backends(), models: aliases("device") });
    for (const model of aliasNames)
      await asked.call("chat", request, { model }).catch(() => undefined);
    expect(leaked()).toEqual(nothing);
  });
});

describe("an alias whose first target has a name that can't be resolved", () => {
  const lost = atServer("http://nowhere.test/v1");
  const away = () => atServer(`http://${outsideAddress}:${outside.port}/v1`);
  const near = () => atServer(`${local.url}/v1`);

  it("sends nothing far: what it can't tell the reach of may be near", async () => {
    const models = [{ name: "assistant", targets: ["lost/m", "away/leak"] }];
    const asked = open({ backends: { lost, away: away() }, models });
    await expect(asked.call("chat", request, { model: "assistant" })).rejects.toMatchObject({
      code: "backend-unavailable",
      backend: "lost",
    });
    expect(leaked()).toEqual(nothing);
  });

  it("goes on with what is near, and tells why", async () => {
    const models = [{ name: "assistant", targets: ["lost/m", "away/leak", "near/chaos"] }];
    const asked = open({ backends: { lost, away: away(), near: near() }, models });
    const { id, target } = await asked.call("chat", request, { model: "assistant" });
    expect(target).toEqual({ backend: "near", model: "chaos" });
    expect(asked.explain(id)?.steps).toMatchObject([
      {
        did: "skipped",
        target: "lost/m",
        reason: "may reach remote, for its name can't be resolved, beyond device",
      },
      { did: "skipped", target: "away/leak", reason: "reaches remote, beyond device" },
      { did: "tried", target: "near/chaos" },
    ]);
    expect(leaked()).toEqual(nothing);
  });

  it.each([
    ["its entry declares that it is far", { ...lost, privacy: "remote" }, {}, false],
    ["the alias allows more", lost, {}, true],
    ["a proxy for what is far resolves it", lost, { HTTP_PROXY: "http://127.0.0.1:9" }, false],
  ] as const)("goes far where %s", async (_, first, environment, allowWider) => {
    const proxied = { ...environment, NO_PROXY: outsideAddress };
    const models = [{ name: "assistant", targets: ["lost/m", "away/leak"], allowWider }];
    const asked = open({ backends: { lost: first, away: away() }, models }, proxied);
    const { target } = await asked.call("chat", request, { model: "assistant" });
    expect(target.backend).toBe("away");
  });
});

it("says why, and goes on serving what is near", async () => {
  const asked = open({ backends: backends(), models: aliases(), privacy: { allow: "device" } });
  for (const name of far) {
    await expect(asked.call("chat", request, { model: `${name}/leak` })).rejects.toMatchObject({
      code: "privacy-violation",
    });
  }
  for (const model of aliasNames) {
    const { target } = await asked.call("chat", request, { model });
    expect(target).toEqual({ backend: "near", model: "chaos" });
  }
  expect(leaked()).toEqual(nothing);
});

it("lists what may be asked, and says of every other backend why it is not", async () => {
  const asked = open({ backends: backends(), models: aliases(), privacy: { allow: "device" } });
  const models = await manageEverything(asked);
  expect(models).toEqual(expect.arrayContaining(["near/chaos", ...aliasNames]));
  expect(models.filter((name) => far.some((each) => name.startsWith(`${each}/`)))).toEqual([]);
  const listed = await asked.backends({ health: true });
  expect(listed.find(({ name }) => name === "address")).toMatchObject({
    health: "unknown",
    state: "created",
    privacy: "remote",
    reason: "address reaches remote, and no further than device is allowed: nothing was sent.",
  });
  expect(listed.find(({ name }) => name === "near")).toMatchObject({ health: "healthy" });
  expect(leaked()).toEqual(nothing);
});
