import { describe, expect, it } from "vitest";
import { ReceivedBody } from "./received-body.ts";

/** A connection that is told what to do, and gives on what it has kept back as soon as it is read again, as undici does. */
function createBody(keptBack: readonly string[] = []) {
  const left = [...keptBack];
  const controller = {
    paused: false,
    aborted: false,
    reason: null as Error | null,
    pause() {
      controller.paused = true;
    },
    resume() {
      controller.paused = false;
      while (left.length > 0 && !controller.paused) body.push(Buffer.from(left.shift()!));
      if (left.length === 0 && !controller.paused) body.end();
    },
    abort(reason: Error) {
      controller.aborted = true;
      controller.reason = reason;
    },
  };
  const body = new ReceivedBody(controller);
  return { body, controller, push: (text: string) => body.push(Buffer.from(text)) };
}

const long = "x".repeat(70_000);
const tooLong = () => new Error("too long");

async function readAll(body: ReceivedBody): Promise<string> {
  let text = "";
  for await (const chunk of body) text += chunk.toString();
  return text;
}

describe("a received body", () => {
  it("gives what has come, what comes, and its end", async () => {
    const { body, push } = createBody();
    push("a");
    push("b");
    const text = readAll(body);
    await Promise.resolve();
    push("c");
    body.end();
    expect(await text).toBe("abc");
    expect(await body.next()).toEqual({ done: true, value: undefined });
  });

  it("is collected whole", async () => {
    const { body, push } = createBody();
    push("a");
    const whole = body.collect(10, tooLong);
    push("b");
    body.end();
    expect((await whole).toString()).toBe("ab");
    const { body: empty } = createBody();
    empty.end();
    expect(await empty.collect(10, tooLong)).toHaveLength(0);
  });

  it("holds no more than 64 KiB and a piece for who does not read", async () => {
    const { body, controller, push } = createBody(["y", "z"]);
    push("x".repeat(64 * 1024));
    expect(controller.paused).toBe(false);
    push("x");
    expect(controller.paused).toBe(true);
    expect(await readAll(body)).toHaveLength(64 * 1024 + 3);
  });

  it("is collected after it was held back, even where the rest comes at once", async () => {
    const { body, push } = createBody(["rest"]);
    push(long);
    expect(await body.collect(100_000, tooLong)).toHaveLength(70_004);
  });

  it("closes the connection at once where it is too long", async () => {
    const { body, controller, push } = createBody();
    const whole = body.collect(60, tooLong);
    push(long);
    await expect(whole).rejects.toThrow("too long");
    expect(controller.reason?.message).toBe("too long");
    const held = createBody(["rest"]);
    held.push(long);
    await expect(held.body.collect(60, tooLong)).rejects.toThrow("too long");
    expect(held.controller.aborted).toBe(true);
  });

  it("tells what broke it off once, after what had come", async () => {
    const { body, push } = createBody();
    push("a");
    body.fail(new Error("broke"));
    expect((await body.next()).value?.toString()).toBe("a");
    await expect(body.next()).rejects.toThrow("broke");
    expect((await body.next()).done).toBe(true);
    const { body: collected } = createBody();
    const whole = collected.collect(10, tooLong);
    collected.fail(new Error("broke"));
    await expect(whole).rejects.toThrow("broke");
  });

  it("closes the connection for who stops reading, and for nobody once it has ended", async () => {
    const stopped = createBody();
    stopped.push("a");
    for await (const _ of stopped.body) break;
    expect(stopped.controller.aborted).toBe(true);
    stopped.push("late");
    expect((await stopped.body.next()).done).toBe(true);
    const ended = createBody();
    ended.body.end();
    await ended.body.return();
    expect(ended.controller.aborted).toBe(false);
  });

  it("is read once, by one reader", async () => {
    const { body, push } = createBody();
    const first = body.next();
    await expect(body.next()).rejects.toThrow("read already");
    await expect(body.collect(10, tooLong)).rejects.toThrow("read already");
    push("a");
    expect((await first).value?.toString()).toBe("a");
    const { body: collected, push: pushCollected } = createBody();
    const whole = collected.collect(10, tooLong);
    pushCollected("a");
    await expect(collected.next()).rejects.toThrow("read already");
    collected.end();
    expect((await whole).toString()).toBe("a");
  });
});
