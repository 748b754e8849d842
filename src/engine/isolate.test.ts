import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineBackend, type Backend } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { silentLog } from "../contract/silent-log.ts";
import { eventually, isAlive, isolated, type Isolated } from "./__fixtures__/harness.ts";
import { isolate } from "./isolate.ts";

const open: Isolated[] = [];

function start(options?: Parameters<typeof isolated>[0]): Isolated {
  const engine = isolated(options);
  open.push(engine);
  return engine;
}

async function textOf(events: AsyncIterable<{ type: string; text?: string }>): Promise<string[]> {
  const texts: string[] = [];
  for await (const event of events) if (event.text !== undefined) texts.push(event.text);
  return texts;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ backend }) => backend.shutdown?.()));
});

describe("a backend behind the process wall", () => {
  it("answers, streams, warns, logs and tells its progress like any other", async () => {
    const engine = start();
    expect(await textOf(engine.chat("echo a b c"))).toEqual(["a", "b", "c"]);
    expect(await engine.embed(["abc"])).toEqual([[3, 0.5]]);
    const loaded = await engine.backend.load?.("m", engine.interest());
    expect(loaded).toEqual({ memoryBytes: 42 });
    await textOf(engine.chat("tell"));
    expect(engine.heard.warnings).toEqual(["dropped"]);
    expect(engine.heard.progress.map(({ phase }) => phase)).toEqual(["load", "prompt"]);
    expect(engine.heard.log).toContain("loading m");
  });

  it("runs handlers there and everything else here, in one child for all", async () => {
    const engine = start();
    const pids = await Promise.all([engine.pid(), engine.pid(), engine.pid()]);
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).not.toBe(process.pid);
    const models = await engine.backend.listModels?.(AbortSignal.timeout(1_000));
    expect(models?.[0]?.name).toBe(`listed in ${process.pid}`);
  });

  it("starts nothing before the first need", async () => {
    const engine = start();
    const before = process.getActiveResourcesInfo().length;
    engine.chat("echo a");
    await engine.chat("echo a").return?.();
    await engine.backend.unload?.("m");
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
  });

  it("keeps concurrent calls apart", async () => {
    const engine = start();
    const words = Array.from({ length: 20 }, (_, call) =>
      Array.from({ length: 30 }, (_, word) => `${call}.${word}`),
    );
    const answers = await Promise.all(
      words.map((each) => textOf(engine.chat(`echo ${each.join(" ")}`))),
    );
    expect(answers).toEqual(words);
  });

  it("carries huge events", async () => {
    const texts = await textOf(start().chat("huge"));
    expect(texts.map((text) => [text[0], text.length])).toEqual(
      ["0", "1", "2", "3"].map((digit) => [digit, 5_000_000]),
    );
  });

  it("gives the engine threads to spare, and our standard output nothing", async () => {
    const engine = start();
    const [[threads = 0] = []] = await engine.embed(["environment"]);
    expect(threads).toBeGreaterThanOrEqual(8);
    expect(await engine.embed(["print"])).toHaveLength(1);
    expect(engine.heard.log.join()).not.toContain("printed");
  });

  it("makes an error of whatever is thrown", async () => {
    await expect(textOf(start().chat("string"))).rejects.toMatchObject({
      code: "backend-error",
      message: "a plain string",
    });
  });

  it("says what can't be copied, either way", async () => {
    const engine = start();
    await expect(textOf(engine.chat("uncopyable"))).rejects.toMatchObject({
      code: "invalid-response",
    });
    const request = { input: ["a"], providerOptions: { hook: () => {} } };
    const answer = engine.backend.capabilities.embedding?.(request as never, engine.context());
    await expect(answer).rejects.toMatchObject({ code: "invalid-request" });
    expect(await engine.embed(["abc"])).toHaveLength(1);
  });

  it("passes on why a backend could not be made, and tries again at the next call", async () => {
    const engine = start({ config: { createFails: true } });
    await expect(engine.embed(["a"])).rejects.toThrow("no binary fits");
    await expect(engine.embed(["a"])).rejects.toThrow("no binary fits");
  });
});

describe("a reader who is slower than the engine", () => {
  it("holds it back", async () => {
    const engine = start();
    const events = engine.chat("many 10000");
    await events.next();
    await sleep(100);
    const { produced } = await engine.notes();
    expect(produced).toBeGreaterThan(1);
    expect(produced).toBeLessThanOrEqual(33);
    let count = 1;
    for await (const _ of events) count++;
    expect(count).toBe(10_001);
  });

  it("ends the engine's generator by leaving", async () => {
    const engine = start();
    for await (const _ of engine.chat("many 10000")) break;
    expect(await engine.notes()).toMatchObject({ generatorEnded: true, abortReason: "cancelled" });
  });
});

describe("a caller who gives up", () => {
  it("is heard in the engine at once, with the reason", async () => {
    const engine = start();
    const controller = new AbortController();
    const events = engine.chat("slow", controller.signal);
    await events.next();
    const pending = events.next();
    const startMs = performance.now();
    controller.abort(new ModelyardError("timeout", "Too slow."));
    await expect(pending).rejects.toMatchObject({ code: "timeout" });
    expect((await engine.notes()).abortReason).toBe("timeout");
    expect(performance.now() - startMs).toBeLessThan(100);
  });

  it.each(["deaf", "block"])(
    "does not wait for a handler that does not hear (%s)",
    async (behaviour) => {
      const engine = start();
      const controller = new AbortController();
      const events = engine.chat(behaviour, controller.signal);
      await events.next();
      setTimeout(() => controller.abort(new ModelyardError("cancelled", "Enough.")), 20);
      await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
      expect(await events.next()).toMatchObject({ done: true });
    },
  );

  it("may do so while the engine is starting, and while it loads", async () => {
    const engine = start();
    const starting = engine.embed(["a"], AbortSignal.timeout(1));
    await expect(starting).rejects.toMatchObject({ code: "cancelled" });
    const loading = engine.backend.load?.("slow", engine.interest(AbortSignal.timeout(500)));
    await expect(loading).rejects.toMatchObject({ code: "cancelled" });
    expect(await engine.embed(["abc"])).toHaveLength(1);
  });
});

describe("an engine that dies", () => {
  it.each([
    ["kill 0", "backend-unavailable", "SIGKILL", 0],
    ["kill 3", "stream-interrupted", "SIGKILL", 3],
    ["abort 0", "backend-unavailable", "SIGABRT", 0],
    ["abort 3", "stream-interrupted", "SIGABRT", 3],
  ])("fails the call (%s → %s), and the next starts another", async (text, code, signal, begun) => {
    const engine = start();
    const firstPid = await engine.pid();
    const other = engine.chat("slow");
    await other.next();
    const events: unknown[] = [];
    const reading = (async () => {
      for await (const event of engine.chat(text)) events.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ code, details: { signal } });
    expect(events).toHaveLength(begun);
    await expect(textOf(other)).rejects.toMatchObject({ code: "stream-interrupted" });
    expect(engine.heard.lost).toBe(1);
    expect(await engine.pid()).not.toBe(firstPid);
  });

  it("fails a call without events as one that had not begun", async () => {
    await expect(start().embed(["die"])).rejects.toMatchObject({
      code: "backend-unavailable",
      backend: "fixture",
      remedy: expect.stringContaining("again"),
    });
  });

  it("leaves its last words, but no prompt", async () => {
    const events = start().chat("quote my very private words");
    const error: unknown = await events.next().catch((thrown: unknown) => thrown);
    const { details } = error as ModelyardError;
    expect(details?.["stderr"]).toContain("something native");
    expect(JSON.stringify(details)).not.toContain("private words");
  });

  it("over and over is not started over and over", async () => {
    const engine = start({ config: { dieAtStart: true } });
    for (let death = 0; death < 3; death++) {
      await expect(engine.embed(["a"])).rejects.toMatchObject({ details: { exitCode: 3 } });
    }
    const startMs = performance.now();
    await expect(engine.embed(["a"])).rejects.toMatchObject({
      code: "backend-unavailable",
      retryAfterMs: expect.any(Number),
      message: expect.stringContaining("3 times in a row"),
    });
    expect(performance.now() - startMs).toBeLessThan(50);
  });
});

describe("an engine that is no longer needed", () => {
  it("goes once nothing is loaded, and comes back", async () => {
    const engine = start({ idleMs: 50 });
    await engine.backend.load?.("m", engine.interest());
    const pid = await engine.pid();
    await sleep(200);
    expect(isAlive(pid)).toBe(true);
    await engine.backend.unload?.("m");
    expect(await eventually(() => !isAlive(pid))).toBe(true);
    expect(engine.heard.lost).toBe(0);
    expect(engine.heard.log).toContain("shutting down");
    expect(await engine.embed(["abc"])).toHaveLength(1);
  });

  it("shuts down twice, ends what runs, and takes no more calls", async () => {
    const engine = start();
    const pid = await engine.pid();
    const running = engine.chat("slow");
    await running.next();
    const pending = textOf(running);
    pending.catch(() => {});
    await Promise.all([engine.backend.shutdown?.(), engine.backend.shutdown?.()]);
    await expect(pending).rejects.toMatchObject({ code: "cancelled" });
    expect(isAlive(pid)).toBe(false);
    expect(engine.heard.lost).toBe(0);
    await expect(engine.embed(["a"])).rejects.toMatchObject({ code: "backend-unavailable" });
  });

  it("is killed where it does not heed", async () => {
    const engine = start({ stopMs: 200 });
    const pid = await engine.pid();
    const blocked = engine.chat("block");
    await blocked.next();
    const startMs = performance.now();
    await engine.backend.shutdown?.();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(isAlive(pid)).toBe(false);
    await expect(blocked.next()).rejects.toMatchObject({ code: "cancelled" });
  });
});

it("leaves what runs here what it is, a class too", async () => {
  class Engine implements Backend {
    readonly #names = ["m"];
    get capabilities() {
      return {};
    }
    takesAnyModel() {
      return this.#names.length > 0;
    }
    async listModels() {
      return this.#names.map((name) => ({ name }));
    }
  }
  const definition = defineBackend({
    type: "class",
    config: z.strictObject({}),
    isolate: "handlers",
    module: import.meta.url,
    create: () => new Engine(),
  });
  const backend = isolate(definition, {
    name: "class",
    config: {},
    fetch,
    log: silentLog,
    unloaded() {},
    secret() {},
  });
  expect(backend.takesAnyModel?.()).toBe(true);
  expect(await backend.listModels?.(new AbortController().signal)).toEqual([{ name: "m" }]);
  expect(backend.load).toBeUndefined();
});

it("leaves nothing behind after a thousand calls", async () => {
  const engine = start();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...rest: Parameters<typeof add>) => {
    listeners++;
    add(...rest);
  };
  signal.removeEventListener = (...rest: Parameters<typeof remove>) => {
    listeners--;
    remove(...rest);
  };
  await engine.embed(["warm"]);
  const before = process.getActiveResourcesInfo().length;
  for (let call = 0; call < 500; call++) {
    await engine.embed(["a"], signal);
    await textOf(engine.chat("many 2", signal));
  }
  expect(listeners).toBe(0);
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 2);
});
