import { afterEach, describe, expect, it } from "vitest";
import type { Backend, BackendSetup, CallContext } from "../contract/backend.ts";
import { chat, type ChatRequest } from "../contract/capabilities/chat.ts";
import { startTestServer } from "../contract/http/__fixtures__/test-server.ts";
import type { RequestLimits } from "../contract/http/limited-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Progress } from "../contract/progress.ts";
import { silentLog } from "../contract/silent-log.ts";
import { eventually, isAlive } from "./__fixtures__/harness.ts";
import definitions from "./__fixtures__/whole.ts";
import { isolate } from "./isolate.ts";

const never = new AbortController().signal;
const running: Backend[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.shutdown?.()));
});

function start({
  config = {},
  widest = () => "device" as PrivacyClass,
  module,
  ...rest
}: { config?: object; widest?: () => PrivacyClass; module?: string; heedMs?: number } = {}) {
  const heard = {
    lost: [] as unknown[],
    secrets: [] as string[],
    log: [] as string[],
    warnings: [] as string[],
  };
  const told = { warnings: [] as string[], progress: [] as Progress[] };
  const [, definition] = definitions;
  const setup: BackendSetup<unknown> = {
    name: "acme",
    config: { url: "http://127.0.0.1:9", ...config },
    directory: "/somewhere",
    fetch,
    log: {
      ...silentLog,
      info: (line) => void heard.log.push(line),
      warn: (line) => void heard.warnings.push(line),
    },
    unloaded: (model) => void heard.lost.push(model),
    secret: (value) => void heard.secrets.push(value),
  };
  const from = { ...definition!, ...(module !== undefined && { module }) };
  const backend = isolate(from, setup, { guard: { widest }, stopMs: 1_000, ...rest });
  running.push(backend);
  const say = (text: string, signal = never, limits: RequestLimits = {}) => {
    const messages = [{ role: "user", content: text }];
    const context: CallContext & { limits: RequestLimits } = {
      model: "m",
      signal,
      limits,
      stream: true,
      fetch,
      warn: (message) => void told.warnings.push(message),
      progress: (event) => void told.progress.push(event),
    };
    const request = chat.shortcut?.({ messages }) as ChatRequest;
    return backend.capabilities.chat!(request, context)[Symbol.asyncIterator]();
  };
  const text = async (...asked: Parameters<typeof say>) => {
    const { value } = await say(...asked).next();
    return value?.type === "text-delta" ? value.text : "";
  };
  const self = async () =>
    JSON.parse(await text("self")) as { pid: number; initialised: number; directory: string };
  return { backend, heard, told, say, text, self };
}

it("runs there with all that it has, found by its type among others", async () => {
  const { backend, heard, self, say } = start();
  expect(backend.remove).toBeUndefined();
  await backend.initialize?.(never);
  expect(await self()).toMatchObject({ name: "acme", directory: "/somewhere", initialised: 1 });
  expect((await self()).pid).not.toBe(process.pid);
  expect(backend.takesAnyModel?.()).toBe(false);
  expect(await backend.listModels?.(never)).toEqual([{ name: "small" }]);
  expect(backend.takesAnyModel?.()).toBe(true);

  const progress: Progress[] = [];
  const interest = { signal: never, progress: (event: Progress) => void progress.push(event) };
  expect(await backend.load?.("m", interest)).toEqual({ memoryBytes: 7 });
  expect(progress).toEqual([{ phase: "load", model: "m", fraction: 1 }]);
  await backend.unload?.("m");

  const pull = backend.pull!("m", { signal: never, sha256: "ab" })[Symbol.asyncIterator]();
  expect(await pull.next()).toEqual({
    done: false,
    value: { phase: "pull", model: "m", doneBytes: 1 },
  });
  expect(await pull.next()).toEqual({ done: true, value: { name: "m:latest", sha256: "ab" } });
  const missing = backend.pull!("missing", { signal: never })[Symbol.asyncIterator]();
  await missing.next();
  await expect(missing.next()).rejects.toMatchObject({ code: "model-not-found" });

  await say("unload m").next();
  expect(heard.lost).toEqual(["m"]);
  const leak = say("leak a-secret-of-mine");
  await expect(leak.next()).rejects.toMatchObject({ code: "backend-error" });
  // Before what quotes it, so that it can be blotted out.
  expect(heard.secrets).toContain("a-secret-of-mine");
  await backend.shutdown?.();
  expect(heard.log).toEqual(["it knows a-secret-of-mine", "shutting down"]);
});

const outside = (where: string) => ({
  code: "privacy-violation",
  message: expect.stringContaining(`outside ${where}`),
});

describe("what it sends", () => {
  it("goes no further than its backend may, and than its call may", async () => {
    await using server = await startTestServer((_, response) => response.end('{"here":1}'));
    let limit: PrivacyClass = "device";
    const { text, told, backend } = start({
      config: { url: server.url },
      widest: () => limit,
    });
    expect(await text("ask")).toBe('{"here":1}');
    expect(told).toEqual({
      warnings: ["asking"],
      progress: [{ phase: "prompt", doneTokens: 1, totalTokens: 2 }],
    });
    expect(await backend.healthCheck?.(never)).toMatchObject({ status: "healthy" });

    const away = start({ config: { url: "http://192.0.2.1:9" }, widest: () => limit });
    await expect(away.text("ask")).rejects.toMatchObject(outside("this device"));
    await expect(away.backend.healthCheck?.(never)).rejects.toMatchObject(outside("this device"));
    limit = "network";
    await expect(away.text("ask")).rejects.toMatchObject(outside("the private network"));
    const limits = { widest: "device" } as const;
    await expect(away.text("ask", never, limits)).rejects.toMatchObject(outside("this device"));
  });
});

describe("a crash", () => {
  it.each([
    ["exit", "stream-interrupted", "exited with code 7", "It wrote last: going"],
    ["abort", "backend-unavailable", "SIGABRT", "It wrote last: "],
  ])(
    "is a failed call (%s), logged with its last words, and the next starts another, initialised",
    async (how, code, said, words) => {
      const { backend, heard, self, say } = start();
      await backend.initialize?.(never);
      const { pid } = await self();
      const events = say(how);
      const read = async () => {
        for (let step = await events.next(); step.done !== true; step = await events.next());
      };
      await expect(read()).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
      expect(heard.lost).toEqual([undefined]);
      expect(heard.warnings).toEqual([expect.stringContaining(said)]);
      expect(heard.warnings[0]).toContain(words);
      const next = await self();
      expect(next.pid).not.toBe(pid);
      expect(next.initialised).toBe(1);
    },
  );

  it("is what becomes of one that blocks, and so hears no abort", async () => {
    const { self, say } = start({ heedMs: 100 });
    const { pid } = await self();
    const given = new AbortController();
    const spinning = say("spin", given.signal);
    await spinning.next();
    const other = say("self").next();
    given.abort();
    await expect(spinning.next()).rejects.toBeDefined();
    await expect(other).rejects.toMatchObject({ message: expect.stringContaining("was blocked") });
    expect(await eventually(() => !isAlive(pid))).toBe(true);
    expect((await self()).pid).not.toBe(pid);
  });

  it("does not come over one that merely takes no notice", async () => {
    const { self, say } = start({ heedMs: 100 });
    const { pid } = await self();
    const given = new AbortController();
    const deaf = say("deaf", given.signal);
    await deaf.next();
    given.abort();
    await expect(deaf.next()).rejects.toBeDefined();
    await deaf.return?.();
    expect((await self()).pid).toBe(pid);
  });
});

it("says of a file that has become wrong since which it is", async () => {
  const broken = import.meta.resolve("./__fixtures__/broken-since.mjs");
  const { text } = start({ module: broken });
  await expect(text("self")).rejects.toMatchObject({
    code: "backend-unavailable",
    message: expect.stringMatching(/broken-since\.mjs can't be imported as it is now: Error: half/),
  });
});

it("says what can't be put behind the wall", () => {
  expect(() => start({ config: { since: () => 1 } })).toThrow(/^backends\.acme\.since: /);
  const [other] = definitions;
  const setup = { name: "o", config: {}, fetch, log: silentLog, unloaded() {}, secret() {} };
  expect(() => isolate(other!, setup, { guard: {} })).toThrow(/it was given as code/);
});
