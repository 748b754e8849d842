import { expect, it, vi } from "vitest";
import { z } from "zod";
import type { Backend, BackendSetup, CallContext } from "./backend.ts";
import { chat, type ChatEvent, type ChatRequest } from "./capabilities/chat.ts";
import { fromClass, type BackendClass } from "./from-class.ts";
import type { ClassText } from "./read-class-answer.ts";
import { silentLog } from "./silent-log.ts";

const { signal } = new AbortController();
const warn = vi.fn<(message: string) => void>();

function make(
  Class: new (
    config: { greeting: string },
    setup: BackendSetup<{ greeting: string }>,
  ) => BackendClass,
): Backend {
  const definition = fromClass(
    { type: "acme", config: z.strictObject({ greeting: z.string().default("Hello") }) },
    Class,
  );
  return definition.create({
    name: "acme",
    config: { greeting: "Hello" },
    fetch,
    log: { ...silentLog, warn },
    unloaded() {},
    secret() {},
  });
}

const context: CallContext = { model: "m", signal, stream: true, fetch, warn() {}, progress() {} };
const request = chat.shortcut?.({ messages: [{ role: "user", content: "Hi" }] }) as ChatRequest;
async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

const finish = { type: "finish", reason: "stop", usage: {} } as const;

async function say(answer: () => ClassText | Promise<ClassText>): Promise<ChatEvent[]> {
  const { capabilities } = make(
    class Acme {
      generateChat() {
        return answer();
      }
    },
  );
  return all(capabilities.chat!(request, context));
}

it("makes a backend whose methods find themselves, and only those that are there", async () => {
  class Acme implements BackendClass {
    readonly greeting: string;
    #open = false;
    constructor({ greeting }: { greeting: string }, setup: BackendSetup<unknown>) {
      this.greeting = `${greeting} from ${setup.name}`;
    }
    async initialize() {
      this.#open = true;
    }
    async healthCheck() {
      return this.#open;
    }
    async listModels() {
      return ["small", { name: "large", contextTokens: 8 }];
    }
    async *generateChat({ messages }: ChatRequest, { model }: CallContext) {
      yield this.greeting;
      yield `, ${model} of ${messages.length}`;
    }
    async shutdown() {
      this.#open = false;
    }
  }
  const backend = make(Acme);
  expect(Object.keys(backend.capabilities)).toEqual(["chat"]);
  expect(await backend.healthCheck?.(signal)).toMatchObject({ status: "unhealthy" });
  await backend.initialize?.(signal);
  expect(await backend.healthCheck?.(signal)).toEqual({ status: "healthy" });
  expect(await backend.listModels?.(signal)).toEqual([
    { name: "small" },
    { name: "large", contextTokens: 8 },
  ]);
  expect(await all(backend.capabilities.chat!(request, context))).toEqual([
    { type: "text-delta", text: "Hello from acme" },
    { type: "text-delta", text: ", m of 1" },
    finish,
  ]);
  await backend.shutdown?.();
  expect(backend.load).toBeUndefined();
});

it("takes a text, a whole answer, or pieces of either kind", async () => {
  const delta = { type: "text-delta", text: "Hi" } as const;
  expect(await say(async () => "Hi")).toEqual([delta, finish]);
  expect(await say(() => ["Hi"])).toEqual([delta, finish]);
  const usage = { inputTokens: 1, outputTokens: 2 };
  expect(await say(async () => ({ text: "Hi", finishReason: "length", usage }))).toEqual([
    delta,
    { type: "finish", reason: "length", usage },
  ]);
  const call = { toolCallId: "1", toolName: "add", input: {} };
  expect(await say(() => ({ text: "Hi", toolCalls: [call] }))).toContainEqual({
    ...finish,
    reason: "tool-calls",
  });
  // Whoever yields events says how it ended: without that it was cut.
  expect(await say(() => [delta])).toEqual([delta]);
});

it.each<[string, unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["a number", 42],
  ["an object with choices", { choices: "a secret" }],
  ["an object without fields", [{}]],
])("says what it can't read: %s", async (kind, answer) => {
  await expect(say(() => answer as ClassText)).rejects.toMatchObject({
    code: "invalid-response",
    message: expect.stringMatching(
      new RegExp(`^Acme.generateChat (gave|yielded) ${kind}, expected`),
    ),
  });
});

it("takes vectors of any kind, as many as texts, and labels", async () => {
  let given: unknown;
  const { capabilities } = make(
    class Acme {
      generateEmbedding = () => given as number[];
      classify = () => given as [];
    },
  );
  const embed = (input: string[]) => capabilities.embedding!({ input }, context);
  given = Float32Array.of(0, 1);
  expect(await embed(["a"])).toEqual({ embeddings: [[0, 1]], usage: {} });
  await expect(embed(["a", "b"])).rejects.toMatchObject({
    message:
      "Acme.generateEmbedding gave one vector, expected 2 vectors of numbers, or { embeddings, usage }.",
  });
  given = { embeddings: [[1], Float32Array.of(0)], usage: { inputTokens: 2 } };
  expect(await embed(["a", "b"])).toEqual({ embeddings: [[1], [0]], usage: { inputTokens: 2 } });

  const classify = () => capabilities.classification!({ input: "a", labels: ["x"] }, context);
  given = [{ label: "x", score: 1 }];
  expect(await classify()).toEqual({ labels: given, usage: {} });
  given = { x: 1 };
  await expect(classify()).rejects.toMatchObject({ code: "invalid-response" });
});

it("narrows to what getCapabilities names, at once and of what is there", () => {
  class Acme {
    generateChat = () => "Hi";
    generateCompletion = () => "Hi";
    getCapabilities = (): ["completion"] => ["completion"];
  }
  expect(Object.keys(make(Acme).capabilities)).toEqual(["completion"]);
  const withNames = (names: unknown) =>
    make(
      class extends Acme {
        override getCapabilities = () => names as ["completion"];
      },
    );
  expect(() => withNames(["embedding"])).toThrow(/names "embedding"/);
  expect(() => withNames(Promise.resolve(["chat"]))).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining("without async") }),
  );
  expect(() =>
    make(
      class Idle {
        initialize() {}
      },
    ),
  ).toThrow("Idle can do nothing");
});

it("tells of a method whose name was missed by a letter", () => {
  make(
    class Acme {
      generateChat = () => "Hi";
      generateEmbeddings = () => [[1]];
      healthyEnough = () => true;
    },
  );
  expect(warn.mock.calls).toEqual([
    ["Acme.generateEmbeddings is never called: is generateEmbedding meant?"],
  ]);
});

it("says in its definition what its class has methods for", () => {
  class Acme {
    async classify() {
      return [];
    }
  }
  const config = z.strictObject({});
  expect(fromClass({ type: "acme", config }, Acme)).toMatchObject({
    contract: 1,
    capabilities: ["classification"],
  });
});
