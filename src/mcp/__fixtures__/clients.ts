import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";

/** The official clients: both generations, the second in both protocol eras. */
export const clientKinds = ["v2 auto", "v2 legacy", "v1"] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Where a server is: a program to start, or an address. */
export type Place = { program: string; environment?: Record<string, string> } | { url: string };

export interface ProgressNote {
  progress: number;
  total?: number;
  message?: string;
}

export interface CallResult {
  isError?: boolean;
  content: { type: string; text?: string; uri?: string }[];
  structuredContent?: Record<string, unknown>;
  _meta?: Record<string, unknown>;
}

export interface TestClient {
  tools(): Promise<{ name: string; inputSchema: object; outputSchema?: object }[]>;
  call(
    name: string,
    toolArguments: Record<string, unknown>,
    options?: { onprogress?: (note: ProgressNote) => void; signal?: AbortSignal },
  ): Promise<CallResult>;
  read(uri: string): Promise<string>;
  resources(): Promise<string[]>;
  close(): Promise<void>;
}

const info = { name: "test", version: "0.0.0" };

/** Connects an official client. */
export async function connectClient(kind: ClientKind, place: Place): Promise<TestClient> {
  if (kind === "v1") {
    const client = new FirstClient(info);
    const transport =
      "url" in place ? new FirstHttp(new URL(place.url)) : new FirstStdio(launch(place));
    // The first generation's own types disagree under exactOptionalPropertyTypes.
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    return {
      tools: async () => (await client.listTools()).tools as never,
      call: (name, given, options) =>
        client.callTool(
          { name, arguments: given },
          CallToolResultSchema,
          options as never,
        ) as never,
      read: async (uri) => textOf(await client.readResource({ uri })),
      resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
      close: () => client.close(),
    };
  }
  const client = new Client(
    info,
    kind === "v2 auto" ? { versionNegotiation: { mode: "auto" } } : {},
  );
  await client.connect(
    "url" in place
      ? new StreamableHTTPClientTransport(new URL(place.url))
      : new StdioClientTransport(launch(place)),
  );
  return {
    tools: async () => (await client.listTools()).tools as never,
    call: (name, given, options) =>
      client.callTool({ name, arguments: given }, options as never) as never,
    read: async (uri) => textOf(await client.readResource({ uri })),
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    close: () => client.close(),
  };
}

function launch({ program, environment = {} }: Extract<Place, { program: string }>) {
  return {
    command: process.execPath,
    args: [program],
    env: { ...(process.env as Record<string, string>), ...environment },
    stderr: "ignore" as const,
  };
}

function textOf({ contents }: { contents: readonly object[] }): string {
  return (contents[0] as { text: string }).text;
}
