export const version = "io.modelcontextprotocol/protocolVersion";
export const capabilities = "io.modelcontextprotocol/clientCapabilities";

export const headers = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** The first message of a client of the 2025 era. */
export const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

export function initializeBody(protocolVersion = initialize.params.protocolVersion): string {
  return JSON.stringify({ ...initialize, params: { ...initialize.params, protocolVersion } });
}

/** A call in the words of the 2026 era. */
export function modernCall(model: string, prompt = "hi", _meta: object = {}) {
  return {
    headers: {
      ...headers,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "chat",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "chat",
        arguments: { prompt, model },
        _meta: { [version]: "2026-07-28", [capabilities]: {}, ..._meta },
      },
    }),
  };
}

/** Opens a session of the 2025 era; gives the headers of requests in it. */
export async function openSession(url: string): Promise<Record<string, string>> {
  const response = await fetch(url, { method: "POST", headers, body: initializeBody() });
  await response.text();
  return { ...headers, "mcp-session-id": response.headers.get("mcp-session-id") ?? "" };
}

export function legacyCall(model: string, prompt = "hi"): string {
  const params = { name: "chat", arguments: { prompt, model } };
  return JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
}
