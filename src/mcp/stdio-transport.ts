import type { Readable, Writable } from "node:stream";
import {
  parseJSONRPCMessage,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { readLines } from "./read-lines.ts";

export interface StdioTransportOptions {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** The longest message that is read, in bytes. */
  readonly maxMessageBytes: number;
  /** The client has closed either end, or `close` was called. */
  onEnd(): void;
}

type Id = string | number | null;

/**
 * MCP on two streams, one message a line. Unlike the SDK's own it survives whatever comes in: what is too long, no JSON,
 * or no message is answered with an error, and the next line is read. It ends when either stream does.
 */
export function createStdioTransport({
  stdin,
  stdout,
  maxMessageBytes,
  onEnd,
}: StdioTransportOptions): Transport {
  let closed = false;
  const onData = readLines(maxMessageBytes, {
    line(text) {
      if (text.trim() !== "") receive(text);
    },
    tooLong(sizeBytes, head, tail) {
      const limit = `${sizeBytes} bytes are more than the ${maxMessageBytes} that are read`;
      refuse(findId(head, tail), -32600, `The message is too long: ${limit}. Send less at a time.`);
    },
  });

  function receive(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      refuse(null, -32700, "That is not JSON. One message a line is read.");
      return;
    }
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(value);
    } catch {
      refuse(idOf(value), -32600, "That is no JSON-RPC message.");
      return;
    }
    transport.onmessage?.(message);
  }

  function refuse(id: Id, code: number, message: string): void {
    transport.onerror?.(new Error(message));
    stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })}\n`);
  }

  const onStreamError = (error: Error) => {
    transport.onerror?.(error);
    void transport.close();
  };
  const onStreamEnd = () => void transport.close();

  const transport: Transport = {
    async start() {
      stdin.on("data", onData);
      stdin.on("error", onStreamError);
      stdin.on("end", onStreamEnd);
      stdin.on("close", onStreamEnd);
      // Kept after the end as well: a write that fails late must not end the process with a stack.
      stdout.on("error", onStreamError);
      if (stdin.readableEnded || stdin.destroyed) setImmediate(onStreamEnd);
    },
    async send(message) {
      if (closed) throw new Error("The client has gone.");
      if (stdout.write(`${JSON.stringify(message)}\n`)) return;
      await drained(stdout);
    },
    async close() {
      if (closed) return;
      closed = true;
      stdin.off("data", onData);
      stdin.off("end", onStreamEnd);
      stdin.off("close", onStreamEnd);
      stdin.pause();
      transport.onclose?.();
      onEnd();
    },
  };
  return transport;
}

/** Settles when the stream takes more, or will take no more. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      stream.off("error", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
    stream.on("error", done);
  });
}

/** The id of a request of which only head and tail are left: clients write it first or last. */
function findId(head: string, tail: string): Id {
  const first = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|\d+)/.exec(head.split('"params"')[0] ?? "");
  const last = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|\d+)\s*(?:,\s*"jsonrpc"[^{}]*)?\}\s*$/.exec(tail);
  const found = (first ?? last)?.[1];
  return found === undefined ? null : (JSON.parse(found) as Id);
}

function idOf(value: unknown): Id {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}
