import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDockerRegistry } from "./docker-registry.ts";
import { startOllama } from "./ollama.ts";
import { startRegistryFront } from "./registry-front.ts";
import { testCertificates } from "./test-certificates.ts";
import { tlsForAnyHost } from "./tls-for-any-host.ts";

export interface RegistryOptions {
  /** How fast it sends a blob. Left out: as fast as it can. */
  bytesPerSecond?: number;
}

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:<port>`. Any Ollama pulls `<host>/library/<model>` with `insecure: true`. */
  readonly host: string;
  /** What an Ollama is started with that shall find all registries here, over TLS, by a model's plain name. */
  readonly ollamaEnvironment: Record<string, string>;
  /** Bytes of blobs that were sent so far. */
  readonly sentBytes: number;
  /** Puts a model of the prepared store here. */
  push(model: string): Promise<void>;
  /** Cuts every transfer of a blob, those that run and those to come, until it is mended. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

/**
 * Starts a real registry that Ollama pushes to and pulls from, without internet.
 * @throws MissingIngredient
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const traffic = { bytesPerSecond: options.bytesPerSecond ?? 0, blobBytes: 0, isCut: false };
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "modelyard-registry-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const registry = await startDockerRegistry(folder);
  parts.defer(registry.stop);
  const certificates = await testCertificates(folder);
  const front = await startRegistryFront(registry.port, traffic);
  tlsForAnyHost(front, certificates);
  parts.defer(async () => {
    const closed = once(front, "close");
    front.close();
    front.closeAllConnections();
    await closed;
  });
  const host = `127.0.0.1:${(front.address() as AddressInfo).port}`;
  const running = parts.move();
  const stop = () => running.disposeAsync();
  return {
    host,
    ollamaEnvironment: {
      HTTPS_PROXY: `http://${host}`,
      SSL_CERT_FILE: certificates.authorityFile,
    },
    get sentBytes() {
      return traffic.blobBytes;
    },
    async push(model) {
      await using ollama = await startOllama();
      const destination = `${host}/library/${model}`;
      await post(`${ollama.url}/api/copy`, { source: model, destination });
      await post(`${ollama.url}/api/push`, { model: destination, insecure: true, stream: false });
    },
    cut: () => void (traffic.isCut = true),
    mend: () => void (traffic.isCut = false),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function post(url: string, body: object): Promise<void> {
  const headers = { connection: "close" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
}
