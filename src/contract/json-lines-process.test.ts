import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import {
  createJsonLinesProcess,
  type JsonLinesProcess,
  type JsonLinesProcessOptions,
} from "./json-lines-process.ts";

const child = join(import.meta.dirname, "__fixtures__", "json-lines-child.mjs");
const never = new AbortController().signal;
const open: JsonLinesProcess[] = [];

function start(more: Partial<JsonLinesProcessOptions> = {}) {
  const lines: string[] = [];
  const add = (line: string) => void lines.push(line);
  const started = createJsonLinesProcess({
    name: "counter",
    command: process.execPath,
    args: [child],
    log: { debug: add, info: add, warn: add, error: add },
    ...more,
  });
  open.push(started);
  return { process: started, lines };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}

function ask(asked: JsonLinesProcess, request: object, signal = never) {
  return all(asked.request(request, { signal }));
}

it("answers many at once, each with its own events in order", async () => {
  const { process: counter } = start();
  const answers = await Promise.all(
    ["ä\u2028ö", "b", "c"].map((text) => ask(counter, { do: "say", text, times: 3 })),
  );
  expect(answers[0]).toEqual([0, 1, 2].map((index) => ({ text: "ä\u2028ö", index })));
  expect(answers[2]).toEqual([0, 1, 2].map((index) => ({ text: "c", index })));
});

it("gives the child's error as it stands, a code that is none of ours as backend-error", async () => {
  const { process: counter } = start();
  const error = { code: "invalid-request", message: "No.", remedy: "Ask otherwise.", model: "m" };
  await expect(ask(counter, { do: "fail", error })).rejects.toMatchObject(error);
  for (const code of ["strange", undefined])
    await expect(
      ask(counter, { do: "fail", error: { code, message: "No." } }),
    ).rejects.toMatchObject({ code: "backend-error" });
});

it("drops what is none of the protocol's, and quotes none of it", async () => {
  const { process: counter, lines } = start();
  expect(await ask(counter, { do: "stray" })).toEqual([]);
  expect(lines.filter((line) => line.includes("none of the protocol's"))).toHaveLength(1);
  expect(lines.join()).not.toContain("not JSON");
});

it("cancels what is aborted, and what nobody reads any more", async () => {
  const { process: counter } = start();
  const controller = new AbortController();
  const reason = new Error("enough");
  const counted: unknown[] = [];
  const aborted = (async () => {
    for await (const event of counter.request({ do: "count" }, controller)) {
      counted.push(event);
      if (counted.length === 3) controller.abort(reason);
    }
  })();
  await expect(aborted).rejects.toMatchObject({ code: "cancelled", cause: reason });
  for await (const _ of counter.request({ do: "count" }, { signal: never })) break;
  expect(await ask(counter, { do: "counting" })).toEqual([{ counting: 0 }]);
  await expect(ask(counter, { do: "count" }, controller.signal)).rejects.toMatchObject({
    code: "cancelled",
  });
});

it("fails what was under way when the child dies, and starts another for the next", async () => {
  let gone = 0;
  const { process: counter } = start({ onGone: () => gone++ });
  const counting = counter.request({ do: "count" }, { signal: never });
  await counting.next();
  const { pid } = counter;
  process.kill(pid!, "SIGKILL");
  await expect(all(counting)).rejects.toMatchObject({
    code: "backend-error",
    message: "counter was ended by SIGKILL before it had answered.",
  });
  expect(gone).toBe(1);
  expect(await ask(counter, { do: "say", text: "again" })).toHaveLength(1);
  expect(counter.pid).not.toBe(pid);
});

it("shows the last lines of standard error, but none that quotes the request", async () => {
  const { process: counter } = start();
  const text = "a prompt that must not be seen";
  const error: unknown = await ask(counter, { do: "crash", text }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "backend-error",
    message: "counter exited with code 3 before it had answered.",
    details: { exitCode: 3, stderr: ["(a line that quotes a request)", "the last line"] },
  });
  expect(JSON.stringify(error)).not.toContain("prompt that");
});

it("gives up on a line without end", async () => {
  const { process: counter } = start();
  await expect(ask(counter, { do: "endless" })).rejects.toMatchObject({ code: "invalid-response" });
});

it("says what can't be started", async () => {
  const { process: nothing } = start({ command: "/no/such/program" });
  for (let tries = 0; tries < 2; tries++)
    await expect(ask(nothing, {})).rejects.toMatchObject({
      code: "backend-unavailable",
      remedy: "See whether /no/such/program is there and may be run.",
    });
});

it("ends the child when it is closed, and fails what was under way; by force where it must", async () => {
  for (const env of [{}, { STUBBORN: "1" }]) {
    const { process: counter } = start({ env });
    const counting = counter.request({ do: "count" }, { signal: never });
    await counting.next();
    const pid = counter.pid!;
    const rest = all(counting).catch((error: unknown) => error);
    await counter.close();
    expect(await rest).toMatchObject({ code: "cancelled" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(ask(counter, { do: "count" })).rejects.toMatchObject({ code: "cancelled" });
  }
});
