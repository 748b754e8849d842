import type { Dispatcher } from "undici";

interface Reader {
  resolve(result: IteratorResult<Buffer, undefined>): void;
  reject(error: unknown): void;
}

/** So much waits here for who reads slowly, in bytes; then the connection is read no further. */
const mostHeldBytes = 64 * 1024;

/**
 * The body of an answer as it comes, to be read once: piece by piece, or collected. To stop reading closes the connection. undici's own
 * is a Node stream, which costs more than all else of a small answer.
 */
export class ReceivedBody implements AsyncIterableIterator<Buffer, undefined> {
  readonly #controller: Dispatcher.DispatchController;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #mostBytes = mostHeldBytes;
  #ended = false;
  #failure: unknown;
  #reader: Reader | undefined;
  /** Of one who waits for the whole: the error for what is too long. */
  #tooLong: (() => Error) | undefined;
  /** Whether somebody has begun to read it. */
  used = false;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  push(chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#reader !== undefined && this.#tooLong === undefined) {
      this.#take()?.resolve({ done: false, value: chunk });
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= this.#mostBytes) return;
    if (this.#tooLong === undefined) this.#controller.pause();
    else this.stop(this.#tooLong());
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#take()?.resolve({ done: true, value: undefined });
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const reader = this.#take();
    if (reader === undefined) this.#failure = error;
    else reader.reject(error);
  }

  /** Closes the connection; who reads, or begins to, meets `reason`. */
  stop(reason: Error): void {
    if (this.#ended) return;
    this.fail(reason);
    this.#controller.abort(reason);
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#reader !== undefined) return Promise.reject(readAlready());
    this.used = true;
    const value = this.#held.shift();
    if (value !== undefined) {
      this.#heldBytes -= value.length;
      this.#resume();
      return Promise.resolve({ done: false, value });
    }
    return this.#ended ? this.#atEnd() : this.#wait();
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#held = [];
    this.stop(new Error("The body is read no further."));
    this.#failure = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** All of it. @throws what `tooLong` makes where there are more than so many bytes, and what breaks it off */
  collect(mostBytes: number, tooLong: () => Error): Promise<Buffer> {
    if (this.used) return Promise.reject(readAlready());
    this.used = true;
    this.#mostBytes = mostBytes;
    this.#tooLong = tooLong;
    if (this.#heldBytes > mostBytes) this.stop(tooLong());
    return (this.#ended ? this.#atEnd() : this.#wait()).then(() => {
      const held = this.#held;
      this.#held = [];
      return held.length === 1 ? held[0]! : Buffer.concat(held);
    });
  }

  #wait(): Promise<IteratorResult<Buffer, undefined>> {
    const promise = new Promise<IteratorResult<Buffer, undefined>>((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
    // Only now: all that was held back may come at once, up to the end.
    this.#resume();
    return promise;
  }

  /** How it ended, told once. */
  #atEnd(): Promise<IteratorResult<Buffer, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(failure as Error);
  }

  #take(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }

  #resume(): void {
    if (!this.#ended && this.#controller.paused && this.#heldBytes <= this.#mostBytes)
      this.#controller.resume();
  }
}

function readAlready(): TypeError {
  return new TypeError("This body has been read already, or is being read.");
}
