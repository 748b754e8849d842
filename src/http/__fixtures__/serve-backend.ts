import { afterEach } from "vitest";
import type { Handlers } from "../../contract/backend.ts";
import { createTestGateway } from "../../gateway/__fixtures__/test-gateway.ts";
import type { ConfigurationInput } from "../../gateway/configuration.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../server.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

export interface ServedBackend {
  readonly url: string;
  readonly server: HttpServer;
  /** What was logged, a line each. */
  readonly lines: readonly string[];
  /** Posts JSON. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

const listModels = async () => [{ name: "m", contextTokens: 100 }, { name: "owner/m" }];

/** The port over one backend, `test`, with a model `m`; closed after the test. */
export async function serveBackend(
  capabilities: Handlers,
  options: Partial<HttpServerOptions> = {},
  configuration: ConfigurationInput = {},
): Promise<ServedBackend> {
  const gateway = createTestGateway({ test: { capabilities, listModels } }, configuration);
  const log = { debug() {}, info() {}, warn() {}, error: (line: string) => void lines.push(line) };
  const lines: string[] = [];
  const mcpHandler = { handle() {}, async close() {} };
  const server = await createHttpServer({ gateway, mcpHandler, log, port: 0, ...options });
  const { url } = server;
  open.push(async () => {
    await server.close({ drainMs: 0 });
    await gateway.close({ drainMs: 0 });
  });
  return {
    url,
    server,
    lines,
    post: (path, body, { headers, ...init } = {}) =>
      fetch(url + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...(headers as Record<string, string>) },
        ...init,
      }),
  };
}

/** What the data lines of a stream hold, `[DONE]` as it is. */
export function dataOf(stream: string): unknown[] {
  return [...stream.matchAll(/^data: ([^\n]*)\n/gm)].map(([, text = ""]) =>
    text === "[DONE]" ? text : (JSON.parse(text) as unknown),
  );
}

/** A chat request of one word. */
export const hello = { model: "test/m", messages: [{ role: "user", content: "hello" }] };
