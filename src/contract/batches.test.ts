import { describe, expect, it } from "vitest";
import { Batches, type BatchSource } from "./batches.ts";

interface Value {
  readonly id: number;
}

const ids = (...given: number[]): Value[] => given.map((id) => ({ id }));

/** Gives one batch a read; an error ends it. */
function createSource(batches: readonly (readonly Value[] | Error)[]) {
  const left = [...batches];
  const source = {
    reads: 0,
    stops: 0,
    async read(to: Value[]) {
      source.reads += 1;
      const batch = left.shift() ?? [];
      if (batch instanceof Error) throw batch;
      to.push(...batch);
      return left.length > 0;
    },
    async stop() {
      source.stops += 1;
    },
  };
  return source;
}

/** Reads only when it is told to. */
function createHeldSource() {
  const held = Promise.withResolvers<boolean>();
  const given: { to?: Value[]; reads: number } = { reads: 0 };
  const source: BatchSource<Value> = {
    read(to) {
      given.to = to;
      given.reads += 1;
      return held.promise;
    },
    async stop() {},
  };
  return { source, given, held };
}

describe("batches", () => {
  it("give one value after the other, over empty reads, and read only when they are out of values", async () => {
    const source = createSource([ids(1, 2), [], ids(3)]);
    const batches = new Batches(source);
    expect(source.reads).toBe(0);
    expect((await batches.next()).value).toEqual({ id: 1 });
    expect((await batches.next()).value).toEqual({ id: 2 });
    expect(source.reads).toBe(1);
    expect((await batches.next()).value).toEqual({ id: 3 });
    expect(await batches.next()).toEqual({ done: true, value: undefined });
    expect(source.reads).toBe(3);
    expect(source.stops).toBe(0);
  });

  it("hand out at once what is there, and nothing twice", async () => {
    const batches = new Batches(createSource([ids(1, 2, 3), ids(4, 5)]));
    expect(batches.takeReady()).toBeUndefined();
    await batches.next();
    expect(batches.takeReady()).toEqual({ id: 2 });
    expect((await batches.next()).value).toEqual({ id: 3 });
    expect(batches.takeReady()).toBeUndefined();
    expect(batches.takeReady()).toBeUndefined();
    expect((await batches.next()).value).toEqual({ id: 4 });
    expect(batches.takeReady()).toEqual({ id: 5 });
    expect((await batches.next()).done).toBe(true);
  });

  it("lose nothing where somebody looks while they read", async () => {
    const { source, given, held } = createHeldSource();
    const batches = new Batches(source);
    const first = batches.next();
    expect(batches.takeReady()).toBeUndefined();
    given.to!.push(...ids(1, 2));
    expect(batches.takeReady()).toBeUndefined();
    held.resolve(false);
    expect((await first).value).toEqual({ id: 1 });
    expect(batches.takeReady()).toEqual({ id: 2 });
  });

  it("refuse a second reader, and the first one loses nothing", async () => {
    const { source, given, held } = createHeldSource();
    const batches = new Batches(source);
    const first = batches.next();
    await expect(batches.next()).rejects.toMatchObject({ code: "internal" });
    given.to!.push(...ids(1));
    held.resolve(false);
    expect((await first).value).toEqual({ id: 1 });
    expect((await batches.next()).done).toBe(true);
  });

  it("tell an error after what came before it, once, and stop the source", async () => {
    const source = createSource([ids(1)]);
    source.read = async (to) => {
      to.push(...ids(1, 2));
      throw new Error("broke");
    };
    const batches = new Batches(source);
    expect((await batches.next()).value).toEqual({ id: 1 });
    expect((await batches.next()).value).toEqual({ id: 2 });
    await expect(batches.next()).rejects.toThrow("broke");
    expect((await batches.next()).done).toBe(true);
    expect(source.stops).toBe(1);
  });

  it("stop the source for who reads no further, and give nothing any more", async () => {
    const source = createSource([ids(1, 2), ids(3)]);
    const batches = new Batches(source);
    for await (const _ of batches) break;
    expect(source.stops).toBe(1);
    expect(batches.takeReady()).toBeUndefined();
    expect((await batches.next()).done).toBe(true);
    expect(source.reads).toBe(1);
  });

  it("end who waits when they are stopped, and read no further", async () => {
    const { source, given, held } = createHeldSource();
    const batches = new Batches(source);
    const waiting = batches.next();
    await batches.return();
    given.to!.push(...ids(1));
    held.resolve(true);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(given.reads).toBe(1);
  });

  it("tell nobody of what breaks a read that was given up", async () => {
    const { source, held } = createHeldSource();
    const batches = new Batches(source);
    const waiting = batches.next();
    await batches.return();
    held.reject(new Error("broke"));
    expect((await waiting).done).toBe(true);
  });
});
