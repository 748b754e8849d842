import type { BatchedIterator } from "./batches.ts";

/** An iterable that is made when it is first read; from then on it stands in nobody's way. */
export function deferIterable<Value>(
  make: () => Promise<AsyncIterable<Value>>,
): BatchedIterator<Value> {
  let made: Partial<BatchedIterator<Value>> & AsyncIterator<Value, unknown> | undefined;
  let making: Promise<unknown> | undefined;

  async function begin(): Promise<IteratorResult<Value, unknown>> {
    made = (await make())[Symbol.asyncIterator]();
    return made.next();
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    takeReady: () => made?.takeReady?.(),
    next: () => (made === undefined ? (making = begin()) : made.next()),
    async return(value) {
      // One that is being made must be ended too; whether it can be is told to whoever reads.
      await making?.catch(() => {});
      return (await made?.return?.(value)) ?? { done: true, value };
    },
  };
}
