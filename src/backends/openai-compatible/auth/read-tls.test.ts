import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGuardedFetch } from "../../../contract/http/guarded-fetch.ts";
import { createLazyFetch } from "../../../contract/http/lazy-fetch.ts";
import type { TlsConfig } from "./config.ts";
import { readTls } from "./read-tls.ts";

/** Made for a hundred years, by an authority whose key is gone. */
const at = (name: string) => join(import.meta.dirname, "__fixtures__", "certificates", name);
const text = (name: string) => readFileSync(at(name), "utf8");
const client = { cert: at("client.pem"), key: at("client-key.pem") };

const own = () => ({
  cert: text("server.pem"),
  key: text("server-key.pem"),
  ca: text("ca.pem"),
});

/** Says who the client is, to those who show a certificate. */
let server: Server;
let url = "";

beforeAll(async () => {
  server = createServer(
    { ...own(), requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(tls: TlsConfig): Promise<string> {
  const { fetch, close } = createGuardedFetch({ tls: readTls(tls), environment: {} });
  try {
    return await (await fetch(url)).text();
  } finally {
    await close();
  }
}

function failureOf(tls: TlsConfig): Promise<unknown> {
  return ask(tls).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a server with an authority of its own that asks for a certificate", () => {
  it("answers whoever names both, by file or as text", async () => {
    expect(await ask({ ca: at("ca.pem"), ...client })).toBe("modelyard test client");
    const asText = { cert: text("client.pem"), key: text("client-key.pem") };
    expect(await ask({ ca: text("ca.pem"), ...asText })).toBe("modelyard test client");
  });

  it.each([
    ["no authority", client],
    ["another authority", { ca: at("other-ca.pem"), ...client }],
  ])("is not trusted with %s", async (_name, tls) => {
    expect(await failureOf(tls)).toMatchObject({
      code: "backend-unavailable",
      message: expect.stringMatching(/its certificate is not trusted/),
      remedy: expect.stringMatching(/authority/),
    });
  });

  it.each([
    ["TLSv1.3", /^127\.0\.0\.1:\d+: /, /client certificate/],
    ["TLSv1.2", /refused the TLS handshake \(ERR_SSL_.*\)/, /^Name a client certificate/],
  ] as const)("says in %s that it wants a certificate", async (version, message, remedy) => {
    server.setSecureContext({ ...own(), maxVersion: version });
    expect(await failureOf({ ca: at("ca.pem") })).toMatchObject({
      code: "backend-unavailable",
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
  });
});

describe("certificates that are no good", () => {
  it.each([
    ["a file that is missing", { ca: at("none.pem") }, /^tls\.ca: .*none\.pem does not exist\.$/],
    ["a file that is something else", { ca: import.meta.filename }, /^tls\.ca: .* is no PEM file/],
    ["a folder", { ca: import.meta.dirname }, /^tls\.ca: .* can't be read \(EISDIR\)\.$/],
    [
      "a key of another",
      { cert: at("client.pem"), key: at("server-key.pem") },
      /^tls\.key does not go with tls\.cert/,
    ],
  ])("%s", async (_name, tls, message) => {
    expect(await failureOf(tls)).toMatchObject({
      code: "invalid-config",
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    });
  });

  it("a key without its first line is not repeated", async () => {
    const bare = text("client-key.pem").split("\n").slice(1).join("\n");
    const error = await failureOf({ cert: at("client.pem"), key: bare });
    expect(error).toMatchObject({ code: "invalid-config" });
    expect(inspect(error)).not.toContain(bare.slice(0, 20));
  });

  it("are read with the first request, and again after they are put right", async () => {
    let ca = at("none.pem");
    const tls = () => readTls({ ca, ...client });
    const { fetch, close } = createLazyFetch({
      environment: {},
      get tls() {
        return tls();
      },
    });
    await expect(fetch(url)).rejects.toMatchObject({ code: "invalid-config" });
    ca = at("ca.pem");
    expect(await (await fetch(url)).text()).toBe("modelyard test client");
    await close();
  });

  it("nothing configured is nothing", () => {
    expect(readTls(undefined)).toBeUndefined();
    expect(readTls({})).toBeUndefined();
  });
});
