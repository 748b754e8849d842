import { expect, it, vi } from "vitest";
import type { Backend, CallContext } from "./backend.ts";
import { deferBackend } from "./defer-backend.ts";

const context = { model: "m", signal: new AbortController().signal } as CallContext;
const outline = {
  capabilities: ["chat", "embedding"],
  methods: ["listModels", "pull", "load"],
} as const;

function create() {
  const story: string[] = [];
  const backend: Backend = {
    capabilities: {
      async *chat() {
        try {
          yield { type: "text-delta", text: "a" };
          yield { type: "finish", reason: "stop", usage: {} };
        } finally {
          story.push("chat ended");
        }
      },
      embedding: async ({ input }) => ({ embeddings: input.map(() => [1]), usage: {} }),
    },
    listModels: async () => [{ name: "m" }],
    async *pull(model) {
      yield { phase: "pull", model, doneBytes: 1 };
      return { name: "pulled" };
    },
    async load(model) {
      story.push(`load ${model}`);
    },
    async shutdown() {
      story.push("shutdown");
    },
  };
  const open = vi.fn<() => Promise<Backend>>(async () => backend);
  return { deferred: deferBackend(outline, open), open, story };
}

it("is opened by its first use, once", async () => {
  const { deferred, open, story } = create();
  expect(Object.keys(deferred.capabilities)).toEqual(["chat", "embedding"]);
  expect(deferred.healthCheck).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
  expect(await deferred.listModels?.(context.signal)).toEqual([{ name: "m" }]);
  const events = [];
  for await (const event of deferred.capabilities.chat!({ messages: [] }, context))
    events.push(event.type);
  expect(events).toEqual(["text-delta", "finish"]);
  expect(await deferred.capabilities.embedding!({ input: ["x"] }, context)).toMatchObject({
    embeddings: [[1]],
  });
  await deferred.load?.("m", { signal: context.signal, progress() {} });
  await deferred.shutdown?.();
  expect(open).toHaveBeenCalledTimes(1);
  expect(story).toEqual(["chat ended", "load m", "shutdown"]);
});

it("lists its models without being opened where that needs less, and by itself once it is", async () => {
  const { open } = create();
  const listsClosed = { ...outline, listClosed: async () => [{ name: "stored" }] };
  const deferred = deferBackend(listsClosed, open);
  expect(await deferred.listModels?.(context.signal)).toEqual([{ name: "stored" }]);
  expect(open).not.toHaveBeenCalled();
  await deferred.load?.("m", { signal: context.signal, progress() {} });
  expect(await deferred.listModels?.(context.signal)).toEqual([{ name: "m" }]);
});

it("hands on what a pull returns, and an early end", async () => {
  const { deferred, story } = create();
  const steps = deferred.pull!("m", { signal: context.signal })[Symbol.asyncIterator]();
  expect((await steps.next()).done).toBe(false);
  expect(await steps.next()).toEqual({ done: true, value: { name: "pulled" } });
  for await (const _ of deferred.capabilities.chat!({ messages: [] }, context)) break;
  expect(story).toEqual(["chat ended"]);
});

it("opens nothing to be shut down, nor for an answer that nobody reads", async () => {
  const { deferred, open } = create();
  const unread = deferred.capabilities.chat!({ messages: [] }, context)[Symbol.asyncIterator]();
  await unread.return?.();
  await deferred.shutdown?.();
  expect(open).not.toHaveBeenCalled();
});

it("tries again after it could not be opened", async () => {
  const open = vi
    .fn<() => Promise<Backend>>()
    .mockRejectedValueOnce(new Error("no such module"))
    .mockResolvedValue({ capabilities: {}, listModels: async () => [] });
  const deferred = deferBackend({ capabilities: [], methods: ["listModels"] }, open);
  await expect(deferred.listModels?.(context.signal)).rejects.toThrow("no such module");
  expect(await deferred.listModels?.(context.signal)).toEqual([]);
});
