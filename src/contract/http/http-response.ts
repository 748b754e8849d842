import { Readable } from "node:stream";
import { ModelyardError } from "../errors.ts";
import type { Answer } from "./exchange.ts";
import type { ReceivedBody } from "./received-body.ts";

/** What is read into memory at once may be so long: 64 MiB. A stream has no such limit; its events and lines have their own. */
export const maxBodyBytes = 64 * 1024 * 1024;

/**
 * A `Response` over what undici receives. It is one by its prototype alone, and makes headers and a web stream only for those who ask:
 * the built-in constructor, and web streams, cost several times the CPU of all that is needed of them here.
 */
export class HttpResponse implements Response {
  readonly redirected = false;
  readonly statusText = "";
  readonly type = "default";
  readonly status: number;
  readonly #answer: Answer;
  #headers: Headers | undefined;
  #webStream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly #url: URL;

  constructor(answer: Answer, url: URL) {
    this.status = answer.statusCode;
    this.#answer = answer;
    this.#url = url;
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
    return this.#url.href;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const toWeb = () =>
      Readable.toWeb(Readable.from(this.chunks())) as ReadableStream<Uint8Array<ArrayBuffer>>;
    return (this.#webStream ??= toWeb());
  }

  get bodyUsed(): boolean {
    return this.#answer.body.used || this.#webStream?.locked === true;
  }

  /** The body as it comes. To stop reading closes the connection. */
  chunks(): ReceivedBody {
    return this.#answer.body;
  }

  /** Closes the connection, whoever still reads. */
  destroy(): void {
    this.#answer.body.stop(new Error("The body is read no further."));
  }

  /** Reads what is left, up to `limitBytes` and `limitMs`, so that the connection can be used again. */
  async discard({ limitBytes = 65_536, limitMs = 1_000 } = {}): Promise<void> {
    const late = setTimeout(() => this.destroy(), limitMs);
    try {
      await this.#answer.body.collect(limitBytes, () => new Error("Nobody wants it."));
    } catch {
      // Nobody wanted it: a body that fails here is as good as one that ends.
    } finally {
      clearTimeout(late);
    }
  }

  /** @throws `invalid-response` where it is longer than {@link maxBodyBytes}; so do all that read the whole */
  text(): Promise<string> {
    return this.#collect().then((bytes) => decoder.decode(bytes));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async bytes() {
    return new Uint8Array(await this.#collect());
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

  #collect(): Promise<Buffer> {
    // The parser sees to it that a length that is told is the true one.
    const length = Number(this.header("content-length") ?? 0);
    if (length > maxBodyBytes) this.#answer.body.stop(this.#tooLong());
    return this.#answer.body.collect(maxBodyBytes, () => this.#tooLong());
  }

  #tooLong(): ModelyardError {
    return new ModelyardError(
      "invalid-response",
      `${this.#url.host} answers with more than ${maxBodyBytes / 1024 / 1024} MiB in one piece.`,
      { remedy: "Ask for less at once: fewer inputs, shorter answers." },
    );
  }
}

const decoder = new TextDecoder();

function flat(headers: Answer["headers"]): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) all.append(name, each);
  }
  return all;
}

// `instanceof Response` holds, and what is not said above is said by its accessors.
Object.setPrototypeOf(HttpResponse.prototype, Response.prototype);
