import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
  Tool,
} from "@modelcontextprotocol/server";
import type { ProgressReporter } from "./progress.ts";

/** One call of a tool, as its code sees it. */
export interface ToolCall {
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** Tells the caller what is going on, where they asked for it. */
  readonly progress: ProgressReporter;
  /** Goes with the result or the error, under its `_meta`. */
  readonly meta: Record<string, unknown>;
  /** The SDK's own view of the request. */
  readonly context: ServerContext;
}

/** A tool: what `tools/list` says of it, and what it does. What it throws becomes a result with `isError`. */
export interface McpTool {
  readonly definition: Tool;
  /** Whether its answer may be long in coming: it is then a stream before long, which keeps connections alive. */
  readonly slow?: boolean;
  /** Whether it is there for this caller; always where left out. */
  readonly offered?: (context: ServerContext) => Promise<boolean>;
  call(
    toolArguments: Readonly<Record<string, unknown>>,
    call: ToolCall,
  ): Promise<CallToolResult | InputRequiredResult>;
}
