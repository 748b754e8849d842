import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { Batches } from "../contract/batches.ts";
import type { AnyEvent } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import {
  createFakeBackend,
  createFakeCall,
  delta,
  finish,
  yielding,
} from "./__fixtures__/fake-call.ts";
import type { Ending } from "./call.ts";
import { EventStream } from "./event-stream.ts";

/** A stream over batches; an error breaks them off. */
function createStream(...batches: (readonly unknown[] | Error)[]) {
  const call = createFakeCall(createFakeBackend(yielding()));
  const upstream = { reads: 0, stops: 0 };
  const answer = new Batches<AnyEvent>({
    async read(to) {
      const batch = batches[upstream.reads++] ?? [];
      if (batch instanceof Error) throw batch;
      to.push(...(batch as AnyEvent[]));
      return upstream.reads < batches.length;
    },
    async stop() {
      upstream.stops += 1;
    },
  });
  const stream = new EventStream(call, answer);
  const endings: Ending[] = [];
  stream.onEnd((how) => endings.push(how));
  return { call, stream, upstream, endings };
}

/** All that is there at once. */
function take(stream: EventStream): AnyEvent[] {
  const taken: AnyEvent[] = [];
  for (let each = stream.takeReady(); each !== undefined; each = stream.takeReady())
    taken.push(each);
  return taken;
}

describe("a stream of events that come several at once", () => {
  it("gives each once, whether it is waited for or taken, after the one that was read ahead", async () => {
    const { stream, upstream } = createStream([delta("a"), delta("b"), delta("c")], [finish]);
    await stream.begin();
    expect(take(stream)).toEqual([]);
    expect((await stream.next()).value).toEqual(delta("a"));
    expect((await stream.next()).value).toEqual(delta("b"));
    expect(take(stream)).toEqual([delta("c")]);
    expect(upstream.reads).toBe(1);
    expect((await stream.next()).value).toEqual(finish);
    expect((await stream.next()).done).toBe(true);
  });

  it("ends with a finish that is taken, and gives nothing after it", async () => {
    const { call, stream, endings } = createStream([delta("a"), finish, delta("b")]);
    const warn = vi.spyOn(call.backend.log, "warn");
    await stream.next();
    expect(take(stream)).toEqual([finish]);
    expect(endings).toEqual([{ outcome: "done", usage: {} }]);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
    expect((await stream.next()).done).toBe(true);
    expect(warn.mock.lastCall?.[0]).toContain("goes on after its last event, `finish`");
  });

  it("tells of what is no event to who waits for the next one, and stops the upstream", async () => {
    const { call, stream, upstream, endings } = createStream([delta("a"), "b", finish], [finish]);
    await stream.next();
    expect(take(stream)).toEqual([]);
    expect(endings).toMatchObject([{ outcome: "invalid-response" }]);
    expect(call.signal.aborted).toBe(true);
    await expect(stream.next()).rejects.toMatchObject({ code: "invalid-response" });
    expect((await stream.next()).done).toBe(true);
    expect(upstream).toEqual({ reads: 1, stops: 1 });
  });

  it("gives all that came before what broke it off", async () => {
    const { stream } = createStream([delta("a"), delta("b")], new Error("broke"));
    await stream.next();
    expect(take(stream)).toEqual([delta("b")]);
    await expect(stream.next()).rejects.toThrow("broke");
  });

  it("gives nothing that is ready once the call has been aborted", async () => {
    const { call, stream, upstream, endings } = createStream([delta("a"), delta("b")], [finish]);
    await stream.next();
    call.controller.abort(new ModelyardError("cancelled", "No more."));
    expect(take(stream)).toEqual([]);
    await expect(stream.next()).rejects.toMatchObject({ code: "cancelled" });
    expect(endings).toMatchObject([{ outcome: "cancelled" }]);
    expect(upstream.stops).toBe(1);
  });

  it("gives nothing that is ready to who has stopped", async () => {
    const { stream, upstream, endings } = createStream([delta("a"), delta("b")], [finish]);
    await stream.begin();
    await stream.return();
    expect(take(stream)).toEqual([]);
    expect((await stream.next()).done).toBe(true);
    expect(endings).toEqual([{ outcome: "abandoned" }]);
    expect(upstream).toEqual({ reads: 1, stops: 1 });
  });

  it("takes nothing from who waits", async () => {
    const { stream } = createStream([delta("a"), delta("b"), finish]);
    const waiting = stream.next();
    expect(take(stream)).toEqual([]);
    await expect(stream.next()).rejects.toMatchObject({ code: "internal" });
    expect((await waiting).value).toEqual(delta("a"));
    expect(take(stream)).toEqual([delta("b"), finish]);
  });
});

it.each([
  ["reaches nobody", {}, "stream-interrupted", "The answer broke off: The connection was refused."],
  ["is ended by us", { limit: "shutdown" }, "backend-unavailable", "The connection was refused."],
])("an answer that has begun and %s is told as that", async (_, details, code, message) => {
  const refused = new ModelyardError("backend-unavailable", "The connection was refused.", {
    details,
    remedy: "Start it.",
  });
  const { stream: unbegun } = createStream(refused);
  await expect(unbegun.next()).rejects.toMatchObject({ code: "backend-unavailable" });
  const { stream, endings } = createStream([delta("a")], refused);
  await stream.next();
  await expect(stream.next()).rejects.toMatchObject({ code, message, remedy: "Start it." });
  expect(endings[0]).toMatchObject({ outcome: code });
});
