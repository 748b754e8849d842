import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "./answer.ts";

/** A connection that the upstream has seen. Times are milliseconds since 1970, with fractions. */
export interface SeenConnection {
  readonly openedAtMs: number;
  /** Left out while it is open. */
  closedAtMs?: number;
  /** How many requests it has carried. */
  requests: number;
}

/** A request that the upstream has received, whole. */
export interface SeenRequest {
  /** Counted from 1. */
  readonly number: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it came. */
  readonly bytes: Buffer;
  /** As parsed JSON; undefined where it is none. */
  readonly body: unknown;
  /** What a model was asked; undefined where no model was. */
  readonly prompt: string | undefined;
  readonly connection: SeenConnection;
  readonly receivedAtMs: number;
  /** When its answer had been sent, or its connection was closed; left out until then. */
  endedAtMs?: number;
}

/** One request and everything a fault may do to its answer. */
export interface Exchange {
  readonly request: SeenRequest;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Aborts when the connection has closed. */
  readonly signal: AbortSignal;
  /** The good answer; to another body than came, where one is given. */
  answer(body?: object): Promise<Answer>;
}

/** What is done with a request instead of answering it well. Once it settles the exchange is left as it is. */
export type Fault = (exchange: Exchange) => Promise<void> | void;
