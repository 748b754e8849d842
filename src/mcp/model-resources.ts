import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type McpServer,
  type ReadResourceResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import type { Gateway, ModelEntry } from "../gateway/api.ts";
import { accessOf } from "./access.ts";
import { largeResultTemplate, type LargeResults } from "./large-results.ts";
import { toKnownError } from "./to-known-error.ts";

const mimeType = "application/json";
/** How long a client may believe what it read. */
const cacheHint = { ttlMs: 5_000, cacheScope: "private" } as const;

/** Shows the models as resources: all in one list, each by itself; and large results under their links. */
export function registerModelResources(
  server: McpServer,
  gateway: Gateway,
  largeResults: LargeResults,
  log: Log,
): void {
  /** The SDK shows the text of whatever is thrown here. */
  async function models(context: ServerContext): Promise<ModelEntry[]> {
    try {
      return await gateway.models({ caller: accessOf(context)?.caller });
    } catch (error) {
      const { message } = toKnownError(error, log);
      throw new ProtocolError(ProtocolErrorCode.InternalError, message);
    }
  }

  server.registerResource(
    "models",
    "models://list",
    { title: "All models", mimeType, cacheHint },
    async (uri, context) => toContents(uri, { models: await models(context) }),
  );
  server.registerResource(
    "model",
    new ResourceTemplate("models://{backend}/{+name}", {
      list: async (context) => ({
        resources: (await models(context)).map((entry) => ({
          uri: toModelUri(entry),
          name: entry.name,
          ...(entry.description === undefined ? {} : { description: entry.description }),
        })),
      }),
    }),
    { mimeType, cacheHint },
    async (uri, variables, context) => {
      const entry = findModel(await models(context), variables);
      if (entry === undefined) throw new ResourceNotFoundError(uri.toString());
      return toContents(uri, entry);
    },
  );
  server.registerResource(
    "result",
    new ResourceTemplate(largeResultTemplate, { list: undefined }),
    { mimeType },
    async (uri, { id }, context) => {
      const text = largeResults.read(String(id), accessOf(context)?.caller.name);
      if (text === undefined) throw new ResourceNotFoundError(uri.toString());
      return { contents: [{ uri: uri.toString(), mimeType, text }] };
    },
  );
}

/** `models://llama-cpp/smollm2%3A135m`; an alias stands under the backend of its first target. */
function toModelUri({ name, backend, targets }: ModelEntry): string {
  const model = targets === undefined ? name.slice(name.indexOf("/") + 1) : name;
  const path = model.split("/").map(encodeURIComponent).join("/");
  return `models://${encodeURIComponent(backend)}/${path}`;
}

/** The SDK leaves a template's variables percent-encoded. */
function findModel(
  models: readonly ModelEntry[],
  variables: Record<string, unknown>,
): ModelEntry | undefined {
  const backend = decode(variables["backend"]);
  const model = decode(variables["name"]);
  if (backend === undefined || model === undefined) return undefined;
  return (
    models.find(({ name }) => name === `${backend}/${model}`) ??
    models.find((entry) => entry.name === model && entry.backend === backend)
  );
}

function decode(value: unknown): string | undefined {
  try {
    return decodeURIComponent(String(value));
  } catch {
    // A stray percent sign: no name of ours holds one.
    return undefined;
  }
}

function toContents(uri: URL, value: unknown): ReadResourceResult {
  return { contents: [{ uri: uri.toString(), mimeType, text: JSON.stringify(value) }] };
}
