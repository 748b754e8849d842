import { createTestGateway } from "../../../gateway/__fixtures__/test-gateway.ts";
import type { ManagedGateway } from "../../../gateway/gateway.ts";
import ollama from "../index.ts";

/** A gateway with nothing but the Ollama at this address, as `ollama`. */
export function gatewayTo(
  url: string,
  config: Record<string, unknown> = {},
): ManagedGateway & AsyncDisposable {
  const gateway = createTestGateway([ollama], {
    backends: { ollama: { type: "ollama", baseUrl: url, ...config } },
  });
  return { ...gateway, [Symbol.asyncDispose]: () => gateway.close({ drainMs: 0 }) };
}

/** Asks Ollama itself, in one piece. */
export async function askDirectly(url: string, path: string, body?: object): Promise<object> {
  const response = await fetch(url + path, {
    headers: { connection: "close" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return (await response.json()) as object;
}
