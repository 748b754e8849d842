import type { IncomingMessage, ServerResponse } from "node:http";
import {
  classifyInboundRequest,
  PerRequestHTTPServerTransport,
  type JSONRPCMessage,
  type McpServer,
  type MessageClassification,
  type RequestId,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";
import type { Access } from "../gateway/api.ts";
import { toAuthInfo } from "./access.ts";
import { CallRequest } from "./call-request.ts";
import { openAnswer, type DirectAnswer, type DirectAnswerOptions } from "./direct-answer.ts";
import { modernVersion } from "./server-factory.ts";

export interface ModernCallsOptions extends Omit<DirectAnswerOptions, "sessionId"> {
  /** Makes a server of the 2026 era. */
  create(): McpServer;
  /** Whether the answer of a tool may be long in coming, and it asks nothing of a request's headers. */
  isPlain(tool: string): boolean;
}

/** One request on its way, read and parsed. */
export interface ArrivedCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: unknown;
  /** Who sends it, where they had to prove that. */
  readonly access: Access | undefined;
}

export interface ModernCalls {
  /** Answers a call of a tool that is all right; false for anything else, which is then the SDK's to answer or to refuse. */
  take(call: ArrivedCall): boolean;
  /** Ends the calls under way. */
  close(): Promise<void>;
}

const classification: MessageClassification = { era: "modern", revision: modernVersion };

/**
 * Calls of tools in the 2026 era, all of them by one server: the SDK makes one for each request and throws it away, which costs more
 * than a quick call does. Nothing of a request stays with a server of that era, so that they can share one.
 */
export function createModernCalls(options: ModernCallsOptions): ModernCalls {
  const { isPlain } = options;
  let transport: SharedTransport | undefined;
  let isClosed = false;

  /** The first call waits for nothing: to connect is done in the same breath. */
  function connected(): SharedTransport {
    if (transport === undefined) {
      transport = new SharedTransport({ classification });
      void options.create().connect(transport);
    }
    return transport;
  }

  return {
    take({ request, response, body, access }) {
      const { headers } = request;
      const name = headers["mcp-name"];
      if (isClosed || headers["mcp-method"] !== "tools/call" || typeof name !== "string")
        return false;
      if (headers["mcp-protocol-version"] !== modernVersion || !isPlain(name)) return false;
      const found = classifyInboundRequest({
        httpMethod: "POST",
        protocolVersionHeader: modernVersion,
        mcpMethodHeader: "tools/call",
        mcpNameHeader: name,
        body,
      });
      if (found.kind !== "modern" || found.messageKind !== "request") return false;
      if (found.classification.revision !== modernVersion) return false;
      const { message } = found;
      if ((message.params as { name?: unknown } | undefined)?.name !== name) return false;
      const shared = connected();
      const seen = new CallRequest(request, response);
      const id = shared.expect(message.id, openAnswer(response, options));
      response.once("close", () => {
        if (response.writableFinished) return;
        seen.lose();
        shared.cancel(id);
      });
      shared.onmessage?.(
        { ...message, id },
        { classification, request: seen.asRequest(), ...toAuthInfo(access) },
      );
      return true;
    },
    async close() {
      isClosed = true;
      await transport?.close();
    },
  };
}

interface Expected {
  /** As the client named the call. */
  readonly id: RequestId;
  readonly answer: DirectAnswer;
}

const sent = Promise.resolve();

/** The SDK takes a server to be of the 2026 era by the class of its transport. This one carries many calls, each under an id of its own. */
class SharedTransport extends PerRequestHTTPServerTransport {
  readonly #expected = new Map<RequestId, Expected>();
  #last = 0;

  /** Gives the id under which the server knows the call. */
  expect(id: RequestId, answer: DirectAnswer): number {
    this.#expected.set(++this.#last, { id, answer });
    return this.#last;
  }

  /** Tells the server that nobody waits for it any more. */
  cancel(id: number): void {
    if (!this.#expected.delete(id)) return;
    const params = { requestId: id, reason: "The client went away." };
    this.onmessage?.(
      { jsonrpc: "2.0", method: "notifications/cancelled", params },
      { classification },
    );
  }

  override send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const isLast = !("method" in message);
    const id = isLast ? message.id : options?.relatedRequestId;
    const expected = id === undefined ? undefined : this.#expected.get(id);
    if (expected === undefined || id === undefined) return sent;
    if (isLast) this.#expected.delete(id);
    expected.answer.send(isLast ? { ...message, id: expected.id } : message, isLast);
    return sent;
  }

  override async close(): Promise<void> {
    const left = [...this.#expected.values()];
    this.#expected.clear();
    await super.close();
    for (const { answer } of left) answer.end();
  }
}
