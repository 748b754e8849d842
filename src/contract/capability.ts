import type { CallContext } from "./backend.ts";
import type { OutputOf, Schema } from "./schema.ts";

/** Names by which the faces show a capability. */
export interface CapabilityNames {
  /** The MCP tool: `classify`. */
  tool: string;
  /** The HTTP route: `/v1/classify`. */
  route: `/${string}`;
  /** The command: `modelyard classify`. */
  verb: string;
}

/** What a face needs in order to show a capability to people, who type and read text. */
export interface CapabilityText<Event, Result> {
  /** The request's field that a plain text stands for: `prompt`. */
  input: string;
  /** The text of one event, as it is written; undefined where the event carries none. */
  ofEvent?(event: Event): string | undefined;
  /** A result for a reader: a chat's text, a line for vectors too long to read. */
  ofResult(result: Result): string;
}

interface CommonDefinition<Name extends string, Request extends Schema<unknown, unknown>, Result> {
  /** The version of this contract, stamped by `defineCapability`; the plugin loader reads it. */
  readonly contract?: 1;
  readonly name: Name;
  /** One sentence for tools, help and docs. */
  readonly description: string;
  readonly names: CapabilityNames;
  /** Other words that people have for it, in lower case with hyphens: who writes one is told the right one. */
  readonly alsoCalled?: readonly string[];
  /**
   * Where faces show it unasked: everywhere where left out. `where served`: MCP lists its tool where a configured backend has it of its own,
   * or where it is asked for (in `defaults`, in a backend's `capabilities`); a model of which it would only be derived is shown for it, and
   * taken for it without being named, where its backend's `capabilities` or `defaults` say so. Who names such a model is served all the same.
   */
  readonly shown?: "where served";
  /** What a caller gives; a handler receives the schema's output. */
  readonly request: Request;
  /** A quicker way to the schema's output, for the requests that it gives; undefined for all others, which are the schema's. */
  readonly shortcut?: (given: unknown) => NoInfer<OutputOf<Request>> | undefined;
  /** What a caller receives in the end. */
  readonly result: Schema<unknown, Result>;
  /** Fields of request and result that the MCP tool shows; all where left out. A tool list is paid for in tokens on every turn. */
  readonly tool?: { readonly arguments?: readonly string[]; readonly result?: readonly string[] };
  /** How it is made from another capability where a backend or model lacks it; the first that fits is taken. */
  readonly derive?: readonly Derivation[];
}

/** An event says what it is. The last of an answer is `finish`: an answer that stops without it was cut. */
export interface AnyEvent {
  readonly type: string;
}

/** A capability that answers piece by piece: its handler is an async generator of events. */
export interface StreamingCapability<
  Name extends string = string,
  Request extends Schema<unknown, unknown> = Schema<unknown, unknown>,
  Event extends AnyEvent = AnyEvent,
  Result = unknown,
> extends CommonDefinition<Name, Request, Result> {
  readonly event: Schema<unknown, Event>;
  readonly text: CapabilityText<Event, Result>;
  /** All events of one answer, in order, as the result. */
  collect(events: readonly NoInfer<Event>[]): NoInfer<Result>;
  /** The event that ends an answer early and says so; without it a deadline that passes in mid-answer is an error. */
  cut?(reason: "timeout"): NoInfer<Event>;
}

/** A capability that answers at once: its handler is an async function. */
export interface PlainCapability<
  Name extends string = string,
  Request extends Schema<unknown, unknown> = Schema<unknown, unknown>,
  Output = unknown,
  Result = unknown,
> extends CommonDefinition<Name, Request, Result> {
  readonly event?: undefined;
  /** What a handler returns. */
  readonly output: Schema<unknown, Output>;
  /** What of an output does not answer its request, where a schema can't tell: `2 vectors for 3 texts`. Undefined where all of it does. */
  misfit?(output: NoInfer<Output>, request: NoInfer<OutputOf<Request>>): string | undefined;
  readonly text: CapabilityText<never, Result>;
  /** What a handler returned, as the result. */
  collect(output: NoInfer<Output>): NoInfer<Result>;
}

/** Any capability, where its types do not matter: what faces, pipeline and kit work with. */
// oxlint-disable-next-line typescript/no-explicit-any -- the types of one capability are nobody else's business
export type AnyCapability =
  | StreamingCapability<string, any, any, any>
  | PlainCapability<string, any, any, any>;

/** What a caller may give: the request schema's input. */
export type RequestInput<Definition> = Definition extends { request: Schema<infer Input, unknown> }
  ? Input
  : never;

/** What a handler receives: the request schema's output. */
export type RequestOf<Definition> = Definition extends { request: Schema<unknown, infer Request> }
  ? Request
  : never;

export type EventOf<Definition> = Definition extends { event: Schema<unknown, infer Event> }
  ? Event
  : never;

export type ResultOf<Definition> = Definition extends { result: Schema<unknown, infer Result> }
  ? Result
  : never;

/** A streaming capability's handler is an async generator of events; any other is an async function. */
export type HandlerOf<Definition> = Definition extends { event: Schema<unknown, infer Event> }
  ? (request: RequestOf<Definition>, context: CallContext) => AsyncIterable<Event>
  : Definition extends { output: Schema<unknown, infer Output> }
    ? (request: RequestOf<Definition>, context: CallContext) => Promise<Output>
    : never;

/** Any handler, where its types do not matter. */
export type AnyHandler = (
  request: never,
  context: CallContext,
) => AsyncIterable<unknown> | Promise<unknown>;

/** A way to serve a capability with the handler of another one. */
export interface Derivation {
  readonly from: string;
  readonly derive: (handler: AnyHandler) => AnyHandler;
}

/** Declares a derivation: `derive` receives the handler of `from` and gives the one that is lacking. */
export function deriveFrom<From extends { name: string }, Handler extends AnyHandler>(
  from: From,
  derive: (handler: HandlerOf<From>) => Handler,
): Derivation {
  return { from: from.name, derive: derive as unknown as Derivation["derive"] };
}

/** Declares a capability. It then stands as an MCP tool, an HTTP route, a command, a library call and a chapter of the kit. */
export function defineCapability<
  const Name extends string,
  Request extends Schema<unknown, unknown>,
  Event extends AnyEvent,
  Result,
>(
  definition: StreamingCapability<Name, Request, Event, Result>,
): StreamingCapability<Name, Request, Event, Result>;
export function defineCapability<
  const Name extends string,
  Request extends Schema<unknown, unknown>,
  Output,
  Result,
>(
  definition: PlainCapability<Name, Request, Output, Result>,
): PlainCapability<Name, Request, Output, Result>;
export function defineCapability(definition: AnyCapability): AnyCapability {
  return { contract: 1, ...definition };
}
