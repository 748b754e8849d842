import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { ModelyardError } from "../errors.ts";

type Body = Dispatcher.ResponseData["body"];

/** What is read into memory at once may be so long: 64 MiB. A stream has no such limit; its events and lines have their own. */
export const maxBodyBytes = 64 * 1024 * 1024;

/**
 * A `Response` over undici's own stream. It is one by its prototype alone, and makes headers and a web stream only for those who ask:
 * the built-in constructor, and web streams, cost several times the CPU of all that is needed of them here. `problem` puts what goes
 * wrong while the body is read into an error of ours.
 */
export class HttpResponse implements Response {
  readonly redirected = false;
  readonly statusText = "";
  readonly type = "default";
  readonly status: number;
  readonly #answer: Dispatcher.ResponseData;
  readonly #body: Body;
  readonly #problem: (error: unknown) => Error;
  #headers: Headers | undefined;
  #webStream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly #url: string;

  constructor(answer: Dispatcher.ResponseData, url: string, problem: (error: unknown) => Error) {
    this.status = answer.statusCode;
    this.#answer = answer;
    this.#body = answer.body;
    this.#url = url;
    this.#problem = problem;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get headers(): Headers {
    return (this.#headers ??= flat(this.#answer.headers));
  }

  /** One header, in lower case, without making the others. */
  header(name: string): string | null {
    const value = this.#answer.headers[name];
    return (Array.isArray(value) ? value.join(", ") : value) ?? null;
  }

  get url(): string {
    return this.#url;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const toWeb = () =>
      Readable.toWeb(Readable.from(this.chunks())) as ReadableStream<Uint8Array<ArrayBuffer>>;
    return (this.#webStream ??= toWeb());
  }

  get bodyUsed(): boolean {
    return this.#body.bodyUsed || this.#webStream?.locked === true;
  }

  /** The body as it comes. To stop reading closes the connection. No generator: each layer of them costs every event of a stream. */
  chunks(): AsyncIterableIterator<Buffer> {
    const chunks = (this.#body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const fail = (error: unknown): never => {
      throw this.#problem(error);
    };
    return {
      next: () => chunks.next().then(undefined, fail),
      return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Closes the connection, whoever still reads. */
  destroy(): void {
    this.#body.destroy();
  }

  /** Reads what is left, up to `limitBytes` and `limitMs`, so that the connection can be used again. */
  async discard({ limitBytes = 65_536, limitMs = 1_000 } = {}): Promise<void> {
    try {
      await this.#body.dump({ limit: limitBytes, signal: AbortSignal.timeout(limitMs) });
    } catch {
      // Nobody wanted it: a body that fails here is as good as one that ends.
    }
  }

  /** @throws `invalid-response` where it is longer than {@link maxBodyBytes}; so do all that read the whole */
  text(): Promise<string> {
    return this.#read(
      (body) => body.text(),
      (bytes) => new TextDecoder().decode(bytes),
    );
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(
      (body) => body.arrayBuffer(),
      (bytes) => new Uint8Array(bytes).buffer,
    );
  }

  async bytes() {
    return new Uint8Array(await this.arrayBuffer());
  }

  async blob() {
    return new Blob([await this.arrayBuffer()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData(): Promise<FormData> {
    return new Response(await this.arrayBuffer(), { headers: this.headers }).formData();
  }

  clone(): Response {
    throw new TypeError("This response can be read once: it has no clone.");
  }

  async #read<T>(how: (body: Body) => Promise<T>, from: (bytes: Uint8Array) => T): Promise<T> {
    try {
      // The parser sees to it that a length that is told is the true one.
      const length = toLength(this.#answer.headers["content-length"]);
      if (length === undefined) return from(await this.#collect());
      if (length > maxBodyBytes) throw this.#tooLong();
      return await how(this.#body);
    } catch (error) {
      throw this.#problem(error);
    }
  }

  /** What does not tell its length is counted as it comes. */
  async #collect(): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.#body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBodyBytes) throw this.#tooLong();
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
  }

  #tooLong(): ModelyardError {
    this.#body.on("error", () => {}).destroy(); // it is closed by us: nobody else need hear of it
    const { host } = new URL(this.#url);
    return new ModelyardError(
      "invalid-response",
      `${host} answers with more than ${maxBodyBytes / 1024 / 1024} MiB in one piece.`,
      { remedy: "Ask for less at once: fewer inputs, shorter answers." },
    );
  }
}

function toLength(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d+$/.test(header) ? Number(header) : undefined;
}

function flat(headers: Dispatcher.ResponseData["headers"]): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) all.append(name, each);
  }
  return all;
}

// `instanceof Response` holds, and what is not said above is said by its accessors.
Object.setPrototypeOf(HttpResponse.prototype, Response.prototype);
