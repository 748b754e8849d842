import type { IncomingMessage, ServerResponse } from "node:http";

/** A call's HTTP request as tools see it: they read headers, and learn from the signal that the client went away. To build a whole web `Request` costs more than that. */
export class CallRequest {
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;
  #isLost = false;

  constructor(incoming: IncomingMessage, response: ServerResponse) {
    this.#incoming = incoming;
    this.#response = response;
  }

  get method(): string {
    return this.#incoming.method ?? "POST";
  }

  get url(): string {
    return new URL(this.#incoming.url ?? "/", "http://localhost").href;
  }

  get headers(): Pick<Headers, "get" | "has"> {
    return this;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isLost) this.lose();
    return this.#controller.signal;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    // It has done its work: a key goes no further.
    if (key === "authorization") return null;
    // The id that the HTTP server gave it, or took over from the caller: calls are then known by the same one.
    const own = key === "x-request-id" ? this.#response.getHeader(key) : undefined;
    const value = own ?? this.#incoming.headers[key];
    if (value === undefined) return null;
    return Array.isArray(value) ? value.join(", ") : String(value);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** The client went away before it had its answer. */
  lose(): void {
    this.#isLost = true;
    this.#controller?.abort(new Error("The client went away."));
  }

  /** As the SDK's types want it. */
  asRequest(): Request {
    return this as unknown as Request;
  }
}
