import {
  ProtocolError,
  ProtocolErrorCode,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import { didYouMean } from "../contract/nearest.ts";
import { callSignal } from "./call-signal.ts";
import { createProgressReporter, silentProgress, type ProgressReporter } from "./progress.ts";
import { promisesHeaders } from "./promises-headers.ts";
import { toToolError } from "./tool-error.ts";
import type { McpTool } from "./tool.ts";

export interface DispatchOptions {
  readonly log: Log;
  /** How long a call outlives a client that went away without a word, in milliseconds. */
  readonly graceMs: number;
}

/** Serves `tools/list` and `tools/call` of a server. The SDK's own dispatch would hand raw exception texts to the model. */
export function dispatchTools(
  server: McpServer,
  tools: () => ReadonlyMap<string, McpTool>,
  { log, graceMs }: DispatchOptions,
): void {
  server.server.registerCapabilities({ tools: {} });
  async function offered(context: ServerContext): Promise<Map<string, McpTool>> {
    const all = await Promise.all(
      [...tools()].map(async (entry) => ((await isOffered(entry[1], context)) ? [entry] : [])),
    );
    return new Map(all.flat());
  }

  server.server.setRequestHandler("tools/list", async (_request, context) => ({
    tools: [...(await offered(context)).values()].map(({ definition }) => definition),
  }));
  // The SDK asks for it before it lets a call in, to check what `x-mcp-header` promises.
  server.toolInputSchemaJson = (name) => {
    const tool = tools().get(name);
    return tool !== undefined && promisesHeaders(tool) ? tool.definition.inputSchema : undefined;
  };

  server.server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = tools().get(params.name);
    if (tool === undefined || !(await isOffered(tool, context))) {
      const names = (await offered(context)).keys();
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool ${JSON.stringify(params.name)}.${didYouMean(params.name, names)}`,
      );
    }
    const progress = progressOf(context, log);
    const { signal, release } = callSignal(context, graceMs);
    const meta: Record<string, unknown> = {};
    try {
      const result = await tool.call(params.arguments ?? {}, { signal, progress, meta, context });
      await endProgress(progress, context);
      return withMeta(result, meta);
    } catch (error) {
      await endProgress(progress, context);
      if (error instanceof ProtocolError) throw error;
      return withMeta(toToolError(error, log), meta);
    } finally {
      release();
    }
  });
}

/** Costs nothing for a tool that is there for everybody. */
function isOffered({ offered }: McpTool, context: ServerContext): boolean | Promise<boolean> {
  return offered === undefined || offered(context);
}

function withMeta<Result extends { _meta?: Record<string, unknown> | undefined }>(
  result: Result,
  meta: Record<string, unknown>,
): Result {
  if (Object.keys(meta).length === 0) return result;
  const { _meta: own } = result;
  return { ...result, _meta: { ...own, ...meta } };
}

function progressOf({ mcpReq }: ServerContext, log: Log): ProgressReporter {
  const { _meta: meta } = mcpReq;
  const progressToken = meta?.progressToken;
  if (progressToken === undefined) return silentProgress;
  return createProgressReporter({
    send: (note) =>
      mcpReq.notify({ method: "notifications/progress", params: { progressToken, ...note } }),
    onError: (error) => log.debug(`Progress could not be told: ${String(error)}`),
  });
}

/** Clients on stdio drop progress that they read together with the result (typescript-sdk#2580); a busy one reads late. */
const pauseMs = 20;

async function endProgress(progress: ProgressReporter, { http }: ServerContext): Promise<void> {
  const told = await progress.end();
  if (told && http === undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
