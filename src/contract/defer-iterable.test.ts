import { describe, expect, it } from "vitest";
import { deferIterable } from "./defer-iterable.ts";

/** An iterator that gives nothing until it is ended. */
function createSilent() {
  const ended = Promise.withResolvers<IteratorResult<number, unknown>>();
  const silent = {
    next: () => ended.promise,
    returns: 0,
    async return() {
      silent.returns += 1;
      ended.resolve({ done: true, value: undefined });
      return { done: true, value: undefined } as const;
    },
    [Symbol.asyncIterator]: () => silent,
  };
  return silent;
}

async function* count() {
  yield* [1, 2];
}

describe("deferIterable", () => {
  it("makes the iterable when it is first read, once", async () => {
    let made = 0;
    const deferred = deferIterable(async () => {
      made += 1;
      return count();
    });
    expect(made).toBe(0);
    const [first, second] = await Promise.all([deferred.next(), deferred.next()]);
    expect([first.value, second.value]).toEqual([1, 2]);
    expect((await deferred.next()).done).toBe(true);
    expect(made).toBe(1);
  });

  it("hands on what is ready", async () => {
    const deferred = deferIterable(async () => Object.assign(count(), { takeReady: () => 7 }));
    expect(deferred.takeReady?.()).toBeUndefined();
    await deferred.next();
    expect(deferred.takeReady?.()).toBe(7);
  });

  it("tells what it could not be made of", async () => {
    const deferred = deferIterable<number>(async () => Promise.reject(new Error("broke")));
    await expect(deferred.next()).rejects.toThrow("broke");
    expect((await deferred.return?.())?.done).toBe(true);
  });

  it("ends what is still silent at once", async () => {
    const silent = createSilent();
    const deferred = deferIterable<number>(async () => silent);
    const waiting = deferred.next();
    await deferred.return?.();
    expect(silent.returns).toBe(1);
    expect((await waiting).done).toBe(true);
  });

  it("ends what is only being made, as soon as it is there", async () => {
    const silent = createSilent();
    const making = Promise.withResolvers<typeof silent>();
    const deferred = deferIterable<number>(() => making.promise);
    const waiting = deferred.next();
    const ending = deferred.return?.();
    making.resolve(silent);
    await ending;
    expect(silent.returns).toBe(1);
    expect((await waiting).done).toBe(true);
  });
});
