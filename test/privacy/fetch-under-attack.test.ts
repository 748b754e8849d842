import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createGuardedFetch,
  type GuardedFetch,
  type GuardedFetchOptions,
} from "../../src/contract/http/guarded-fetch.ts";
import { createLazyFetch } from "../../src/contract/http/lazy-fetch.ts";
import { namesAs, outsideAddress, startOutside, type Outside } from "./outside.ts";

// An address of this machine stands for one far away, so that a leak would be seen, and would go nowhere.
vi.mock("../../src/contract/http/privacy-class.ts", async (original) => {
  const actual = await original<typeof import("../../src/contract/http/privacy-class.ts")>();
  const far = /^(::ffff:)?(127\.66\.|7f42:)/;
  return {
    ...actual,
    classOfAddress: (address: string) =>
      far.test(address) ? "remote" : actual.classOfAddress(address),
  };
});

const near = "127.0.0.1";
let outside: Outside;
const opened: GuardedFetch[] = [];

beforeEach(async () => {
  outside = await startOutside();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
  await outside[Symbol.asyncDispose]();
});

const names = () =>
  namesAs({
    "near.test": [near],
    "out.test": [outsideAddress],
    "both.test": [near, outsideAddress],
    "both-turned.test": [outsideAddress, near],
    "mapped.test": [`::ffff:${outsideAddress}`],
    "rebinds.test": (time) => [time === 1 ? near : outsideAddress],
    "rebinds-to-both.test": (time) => (time === 1 ? [near] : [outsideAddress, near]),
    localhost: [outsideAddress],
    "localhost.": [outsideAddress],
    "evil.localhost": [outsideAddress],
  });

function open(options: GuardedFetchOptions = {}): GuardedFetch["fetch"] {
  const guarded = createGuardedFetch({
    environment: {},
    lookup: names(),
    widest: () => "device",
    ...options,
  });
  opened.push(guarded);
  return guarded.fetch;
}

/** Whatever was tried, nobody out there has heard of it. */
function expectSilence(): void {
  expect({ connections: outside.connections, bytes: outside.bytes }).toEqual({
    connections: 0,
    bytes: 0,
  });
}

const prompt = { method: "POST", body: JSON.stringify({ prompt: "a secret" }) };

it("counts what leaves where it may leave: the instrument works", async () => {
  const fetch = open({ widest: () => "remote" });
  const response = await fetch(`http://out.test:${outside.port}/v1/chat`, prompt);
  expect(await response.text()).toContain("leaked");
  expect(outside.connections).toBe(1);
  expect(outside.bytes).toBeGreaterThan(50);
});

const targets = (status: number) =>
  [`http://${outsideAddress}:PORT/`, "http://out.test:PORT/"].map((to) => [status, to] as const);

describe.each(["device", "network"] as const)("within %s, no byte leaves by", (limit) => {
  it.each([
    ["a name", "http://out.test:PORT/"],
    ["a name with an address on either side", "http://both.test:PORT/"],
    ["the same, the other way round", "http://both-turned.test:PORT/"],
    ["an IPv4 address in IPv6", `http://[::ffff:${outsideAddress}]:PORT/`],
    ["the same in hexadecimal", "http://[::ffff:7f42:1]:PORT/"],
    ["a name for an IPv4 address in IPv6", "http://mapped.test:PORT/"],
    ["localhost bound to elsewhere", "http://localhost:PORT/"],
    ["localhost with a dot", "http://localhost.:PORT/"],
    ["a name below localhost", "http://evil.localhost:PORT/"],
    ["a plain address", `http://${outsideAddress}:PORT/`],
    ["a decimal address", "http://2135031809:PORT/"],
    ["an octal address", "http://0177.0102.0.1:PORT/"],
    ["a hexadecimal address", "http://0x7f420001:PORT/"],
    ["a shortened address", "http://127.4325377:PORT/"],
    ["full-width digits", "http://１２７.66.0.1:PORT/"],
    ["a user that looks like a host", `http://127.0.0.1@${outsideAddress}:PORT/`],
    ["a user and password that look like one", `http://localhost:80@${outsideAddress}:PORT/`],
    ["a user with a slash", `http://127.0.0.1%2F@${outsideAddress}:PORT/`],
  ])("%s", async (_, url) => {
    const fetch = open({ widest: () => limit });
    const asked = fetch(url.replace("PORT", String(outside.port)), prompt);
    await expect(asked).rejects.toMatchObject({ code: "privacy-violation" });
    expectSilence();
  });

  it("a name that is bound anew between the look and the connection", async () => {
    const fetch = open({ widest: () => limit });
    await expect(fetch(`http://rebinds.test:${outside.port}/`, prompt)).rejects.toMatchObject({
      code: "privacy-violation",
    });
    // Where one of the new addresses is near, that one alone is taken; nobody listens there.
    await expect(
      fetch(`http://rebinds-to-both.test:${outside.port}/`, prompt),
    ).rejects.toMatchObject({ code: "backend-unavailable" });
    expectSilence();
  });

  it("a Request", async () => {
    const fetch = open({ widest: () => limit });
    await expect(
      fetch(new Request(`http://out.test:${outside.port}/`, prompt)),
    ).rejects.toMatchObject({ code: "privacy-violation" });
    expectSilence();
  });

  it.each([
    ["http://[fe80::1%25eth0]/", "Invalid URL"],
    [`http://127.0.0.1 @${outsideAddress}/`, "lies outside"],
    [`//${outsideAddress}/`, "Invalid URL"],
    ["file:///etc/hosts", "the name can't be resolved"],
  ])("what is no address: %s", async (url, problem) => {
    await expect(open({ widest: () => limit })(url, prompt)).rejects.toThrow(problem);
    expectSilence();
  });

  it.each([301, 302, 303, 307, 308].flatMap(targets))(
    "a redirect with %i to %s",
    async (status, to) => {
      await using server = await redirecting(status, to.replace("PORT", String(outside.port)));
      const get = open({ widest: () => limit })(server.url);
      await expect(get).rejects.toMatchObject({ code: "privacy-violation" });
      expectSilence();
    },
  );

  it.each([307, 308].flatMap(targets))("a redirect of a POST with %i to %s", async (status, to) => {
    await using server = await redirecting(status, to.replace("PORT", String(outside.port)));
    const post = open({ widest: () => limit })(server.url, prompt);
    await expect(post).rejects.toMatchObject({ code: "privacy-violation" });
    expectSilence();
  });

  it.each([301, 302, 303])("a redirect with %i that would make a GET of a POST", async (status) => {
    await using server = await redirecting(status, `http://${outsideAddress}:${outside.port}/`);
    expect((await open({ widest: () => limit })(server.url, prompt)).status).toBe(status);
    expectSilence();
  });

  it("a redirect to what is near, and from there on", async () => {
    await using second = await redirecting(307, `http://out.test:${outside.port}/`);
    await using first = await redirecting(307, second.url);
    await expect(open({ widest: () => limit })(first.url, prompt)).rejects.toMatchObject({
      code: "privacy-violation",
    });
    expectSilence();
  });

  it("a proxy that the environment names", async () => {
    const proxy = `http://${outsideAddress}:${outside.port}`;
    const environment = {
      HTTP_PROXY: proxy,
      HTTPS_PROXY: proxy,
      http_proxy: proxy,
      ALL_PROXY: proxy,
    };
    const fetch = open({ widest: () => limit, environment });
    await using server = await answering("here");
    expect(await (await fetch(server.url, prompt)).text()).toBe("here");
    for (const url of ["http://out.test/", "https://192.0.2.1/", "http://nowhere.test/"])
      await expect(fetch(url, prompt)).rejects.toMatchObject({
        code: expect.stringMatching(/privacy-violation|backend-unavailable/),
      });
    expectSilence();
  });

  it("a request that may go less far than its backend", async () => {
    const fetch = open({ widest: () => "remote" });
    const url = `http://out.test:${outside.port}/`;
    await expect(fetch(url, prompt, { widest: limit })).rejects.toMatchObject({
      code: "privacy-violation",
    });
    const lazy = createLazyFetch({ environment: {}, lookup: names() });
    opened.push(lazy);
    await expect(lazy.fetch(url, prompt, { widest: limit })).rejects.toMatchObject({
      code: "privacy-violation",
    });
    expectSilence();
  });

  it("a request that claims to be allowed further than its backend", async () => {
    const fetch = open({ widest: () => limit });
    const asked = fetch(`http://out.test:${outside.port}/`, prompt, { widest: "remote" });
    await expect(asked).rejects.toMatchObject({ code: "privacy-violation" });
    expectSilence();
  });
});

describe("a connection that is kept", () => {
  it("is never used for another class, whatever its name means now", async () => {
    await using server = await answering("near");
    let now = near;
    const fetch = open({ widest: () => "remote", lookup: namesAs({ "moves.test": () => [now] }) });
    const url = `http://moves.test:${server.port}/`;
    expect(await (await fetch(url, prompt)).text()).toBe("near");
    now = outsideAddress;
    await pause(20); // until the connection is free again
    // The connection that stands is near, and may be used; a new one is not made.
    expect(await (await fetch(url, prompt, { widest: "device" })).text()).toBe("near");
    expect(server.connections()).toBe(1);
    await server.drop();
    await expect(fetch(url, prompt, { widest: "device" })).rejects.toMatchObject({
      code: "privacy-violation",
    });
    expectSilence();
  });

  it("to far away is not used for what must stay here", async () => {
    let now = outsideAddress;
    const fetch = open({ widest: () => "remote", lookup: namesAs({ "moves.test": () => [now] }) });
    const url = `http://moves.test:${outside.port}/`;
    await (await fetch(url, prompt)).text();
    const { bytes } = outside;
    now = near;
    await expect(fetch(url, prompt, { widest: "device" })).rejects.toMatchObject({
      code: "privacy-violation",
    });
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
    // Its class is looked for anew: it is near now, where nobody listens.
    await expect(fetch(url, prompt, { widest: "device" })).rejects.toMatchObject({
      code: "backend-unavailable",
    });
    clock.mockRestore();
    expect(outside.bytes).toBe(bytes);
  });
});

it("takes the unspecified addresses for this device", async () => {
  await using server = await answering("here");
  const fetch = open();
  for (const host of ["0.0.0.0", "0", "[::ffff:0.0.0.0]"])
    expect(await (await fetch(`http://${host}:${server.port}/`)).text()).toBe("here");
});

interface Near extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  connections(): number;
  /** Closes what stands. */
  drop(): Promise<void>;
}

async function answering(
  text: string,
  status = 200,
  headers: Record<string, string> = {},
): Promise<Near> {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(text);
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, near, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${near}:${port}/`,
    port,
    connections: () => connections,
    async drop() {
      server.closeAllConnections();
      await pause(20);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function redirecting(status: number, location: string): Promise<Near> {
  return answering("", status, { location });
}
