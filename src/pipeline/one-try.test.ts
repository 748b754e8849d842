import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createFakeBackend, createFakeCall, settle, yielding } from "./__fixtures__/fake-call.ts";
import type { Ending, EndListener, Guard, Next } from "./call.ts";
import { oneTry } from "./one-try.ts";

/** A guard that writes down what it hears, under its name. */
function createGuards() {
  const heard: string[] = [];
  const guard =
    (name: string, wait?: Promise<void>): Guard =>
    (call) => {
      heard.push(name);
      call.onBegin(() => heard.push(`${name} begun`));
      call.onEnd(({ outcome }) => heard.push(`${name} ${outcome}`));
      return wait;
    };
  return { heard, guard };
}

const call = () => createFakeCall(createFakeBackend(yielding()));

/** An answer that ends when the test says so. */
function createAnswer() {
  const listeners: EndListener[] = [];
  const next: Next = async ({ target }) => ({
    target,
    onEnd: (listener) => void listeners.push(listener),
  });
  const end = (ending: Ending) => listeners.forEach((listener) => listener(ending));
  return { next, end };
}

const passes: Guard = () => {};
const turns: Guard = (own) => {
  own.signal = AbortSignal.abort();
  own.handler = yielding();
};

describe("a try", () => {
  it("passes its guards in their order, and they hear of its end in the opposite one, once", async () => {
    const { heard, guard } = createGuards();
    const { next, end } = createAnswer();
    await oneTry([guard("a"), guard("b")])(call(), next);
    expect(heard).toEqual(["a", "b", "a begun", "b begun"]);
    end({ outcome: "done" });
    end({ outcome: "done" });
    expect(heard.slice(4)).toEqual(["b done", "a done"]);
  });

  it("waits for a guard that waits", async () => {
    const { heard, guard } = createGuards();
    const held = Promise.withResolvers<void>();
    const answer = oneTry([guard("a", held.promise), guard("b")])(call(), createAnswer().next);
    await settle();
    expect(heard).toEqual(["a"]);
    held.resolve();
    await answer;
    expect(heard).toContain("b begun");
  });

  const broken = new ModelyardError("overloaded", "Too much.");
  const refuses: Guard = () => {
    throw broken;
  };
  const leaves: Guard = () => Promise.reject(broken);
  const fails: Next = () => Promise.reject(broken);
  it.each<[string, Guard, Next]>([
    ["a guard refuses it", refuses, createAnswer().next],
    ["a guard waits in vain", leaves, createAnswer().next],
    ["it does not begin", passes, fails],
  ])("tells those alone that it has passed where %s", async (_, last, next) => {
    const { heard, guard } = createGuards();
    const guards = [guard("a"), last, ...(last === passes ? [] : [guard("never")])];
    await expect(oneTry(guards)(call(), next)).rejects.toBe(broken);
    expect(heard).toEqual(["a", "a overloaded"]);
  });

  it("changes nothing in the call that it was made of", async () => {
    const given = call();
    const { signal } = given;
    const { next } = createAnswer();
    await oneTry([turns])(given, async (own) => {
      expect(own.signal.aborted).toBe(true);
      return next(own);
    });
    expect(given.signal).toBe(signal);
    expect(given.handler).toBeUndefined();
  });
});
