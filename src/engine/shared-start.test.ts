import { expect, it, vi } from "vitest";
import { sharedStart, type Interest } from "./shared-start.ts";

function interest(): Interest & { controller: AbortController } {
  const controller = new AbortController();
  return { controller, signal: controller.signal, progress: vi.fn<Interest["progress"]>() };
}

/** Work that ends when it is told to. */
function startable() {
  const done = Promise.withResolvers<string>();
  const seen: Interest[] = [];
  const shared = sharedStart((each) => {
    seen.push(each);
    return done.promise;
  });
  return { done, seen, shared };
}

it("works once for all who want it, and tells them all", async () => {
  const { done, seen, shared } = startable();
  const [one, two] = [interest(), interest()];
  const both = Promise.all([shared.join(one), shared.join(two)]);
  const progress = { phase: "install", name: "x", message: "…" } as const;
  seen[0]?.progress(progress);
  done.resolve("ready");
  expect(await both).toEqual(["ready", "ready"]);
  expect(seen).toHaveLength(1);
  expect(one.progress).toHaveBeenCalledWith(progress);
  expect(two.progress).toHaveBeenCalledWith(progress);
});

it("goes on while somebody waits, and stops with the last", async () => {
  const { seen, shared } = startable();
  const [one, two] = [interest(), interest()];
  const first = shared.join(one);
  const second = shared.join(two);
  one.controller.abort("one left");
  await expect(first).rejects.toBe("one left");
  expect(seen[0]?.signal.aborted).toBe(false);
  two.controller.abort("two left");
  await expect(second).rejects.toBe("two left");
  expect(seen[0]?.signal.aborted).toBe(true);
});

it("begins anew after a failure, and for one who comes after all have left", async () => {
  const { seen, shared, done } = startable();
  const one = interest();
  const first = shared.join(one);
  one.controller.abort("left");
  await expect(first).rejects.toBe("left");
  const second = shared.join(interest());
  expect(seen).toHaveLength(2);
  done.reject(new Error("failed"));
  await expect(second).rejects.toThrow("failed");
  await expect(shared.join(interest())).rejects.toThrow("failed");
  expect(seen).toHaveLength(3);
});
