import { ModelyardError } from "./errors.ts";

/** An iterator that may have several values at once: who wants them all need not wait a turn of the event loop for each. */
export interface BatchedIterator<Value> extends AsyncIterableIterator<Value, unknown> {
  /** The next value, where it is there already. */
  takeReady?(): Value | undefined;
}

/** Where the values come from. */
export interface BatchSource<Value> {
  /** Waits for more and adds it to `to`; false once nothing more comes. What it throws is told after what it has added. */
  read(to: Value[]): Promise<boolean>;
  /** Nobody reads on. */
  stop(): Promise<void>;
}

/** Iterates over what a source gives, one value after the other. To be read by one reader at a time. */
export class Batches<Value extends object> implements BatchedIterator<Value> {
  readonly #source: BatchSource<Value>;
  #values: Value[] = [];
  #taken = 0;
  #reading = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: BatchSource<Value>) {
    this.#source = source;
  }

  takeReady(): Value | undefined {
    // What is being read is for who waits for it.
    if (this.#reading || this.#taken === this.#values.length) return undefined;
    return this.#values[this.#taken++];
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#reading) throw new ModelyardError("internal", "Values are read one at a time.");
    let value = this.takeReady();
    while (value === undefined && !this.#ended) {
      this.#values = [];
      this.#taken = 0;
      this.#reading = true;
      try {
        if (!(await this.#source.read(this.#values))) this.#ended = true;
      } catch (error) {
        // Who has stopped wants to hear of nothing more.
        if (!this.#ended) {
          this.#ended = true;
          this.#failure = { error };
          await this.#source.stop();
        }
      } finally {
        this.#reading = false;
      }
      value = this.takeReady();
    }
    if (value !== undefined) return { done: false, value };
    if (this.#failure === undefined) return { done: true, value: undefined };
    const { error } = this.#failure;
    this.#failure = undefined;
    throw error;
  }

  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#ended = true;
    this.#values = [];
    this.#taken = 0;
    this.#failure = undefined;
    await this.#source.stop();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
