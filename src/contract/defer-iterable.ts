import type { BatchedIterator } from "./batches.ts";

type Made<Value> = AsyncIterator<Value, unknown> & Partial<BatchedIterator<Value>>;

/** An iterable that is made when it is first read; from then on it stands in nobody's way. */
export function deferIterable<Value>(
  make: () => Promise<AsyncIterable<Value>>,
): BatchedIterator<Value> {
  return new DeferredIterable(make);
}

class DeferredIterable<Value> implements BatchedIterator<Value> {
  readonly #make: () => Promise<AsyncIterable<Value>>;
  #made: Made<Value> | undefined;
  #making: Promise<Made<Value>> | undefined;

  constructor(make: () => Promise<AsyncIterable<Value>>) {
    this.#make = make;
  }

  next(): Promise<IteratorResult<Value, unknown>> {
    if (this.#made !== undefined) return this.#made.next();
    this.#making ??= this.#begin();
    return this.#making.then((made) => made.next());
  }

  takeReady(): Value | undefined {
    return this.#made?.takeReady?.();
  }

  async return(value?: unknown): Promise<IteratorResult<Value, unknown>> {
    // One that is being made must be ended too; whether it can be is told to whoever reads.
    await this.#making?.catch(() => {});
    return (await this.#made?.return?.(value)) ?? { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #begin(): Promise<Made<Value>> {
    return (this.#made = (await this.#make())[Symbol.asyncIterator]());
  }
}
