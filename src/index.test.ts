import { describe, expect, expectTypeOf, it } from "vitest";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createModelyard, isModelyardError, type ChatEvent, type Origin } from "./index.ts";

const config = {
  backends: {
    echo: { type: "echo" },
    "llama-cpp": { type: "llama-cpp", enabled: false },
    huggingface: { type: "huggingface", enabled: false },
  },
  models: [{ name: "parrot", targets: ["echo/any"] }],
};

const fragile = `
import { defineBackend, textOf, z } from "modelyard/backend";
export default defineBackend({
  type: "fragile",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat({ messages }, { warn }) {
        const text = textOf(messages[0]);
        if (text === "exit") process.exit(3);
        warn("it is fragile");
        yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});
`;

describe("createModelyard", () => {
  it("gives a result that says where it comes from", async () => {
    await using modelyard = createModelyard(config);
    const result = await modelyard.chat({ prompt: "hello you" }, { model: "parrot" });
    expect(result).toMatchObject({
      text: "hello you",
      finishReason: "stop",
      backend: "echo",
      model: "any",
      warnings: [],
    });
  });

  it("asks a plugin behind the process wall like any other backend, and outlives it", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-isolated-"));
    const file = path.join(folder, "fragile.mjs");
    fs.writeFileSync(file, fragile);
    await using modelyard = createModelyard({
      plugins: [file],
      backends: { ...config.backends, fragile: { type: "fragile", isolate: true } },
      privacy: { allow: "device" },
    });
    const model = { model: "fragile/any" };
    const { text, warnings } = await modelyard.chat({ prompt: "hello" }, model);
    expect(text).toBe("hello");
    expect(warnings).toEqual(["it is fragile"]);
    await expect(modelyard.chat({ prompt: "exit" }, model)).rejects.toMatchObject({
      code: "backend-unavailable",
      backend: "fragile",
      message: expect.stringContaining("exited with code 3"),
    });
    fs.rmSync(folder, { recursive: true });
  });

  it("gives events to who iterates, and the whole to who awaits after", async () => {
    await using modelyard = createModelyard(config);
    const answer = modelyard.chat({ prompt: "a b c" }, { model: "parrot" });
    let text = "";
    for await (const event of answer) if (event.type === "text-delta") text += event.text;
    expect(text).toBe("a b c");
    expect((await answer).text).toBe("a b c");
  });

  it("is one call, however often it is awaited", async () => {
    await using modelyard = createModelyard(config);
    let calls = 0;
    modelyard.on("call", () => calls++);
    const answer = modelyard.chat({ prompt: "hi" }, { model: "parrot" });
    expect(await answer).toEqual(await answer);
    expect(calls).toBe(1);
    await expect(async () => {
      for await (const _ of answer);
    }).rejects.toThrow("asked for already");
  });

  it("tells who awaits an answer that was left in the middle", async () => {
    await using modelyard = createModelyard(config);
    const answer = modelyard.chat({ prompt: "a b c" }, { model: "parrot" });
    for await (const _ of answer) break;
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
  });

  it("calls a capability by its name", async () => {
    await using modelyard = createModelyard(config);
    const { text } = await modelyard.call("completion", { prompt: "x" }, { model: "parrot" });
    expect(text).toContain("x");
  });

  it.each<[object, object, string]>([
    [{ prompt: "x", model: "parrot" }, {}, "model is no part of the request."],
    [{ prompt: "x" }, { privacy: "zz" }, "The option privacy names no class."],
    [{ prompt: "x" }, { modle: "parrot" }, 'There is no option "modle". Did you mean "model"?'],
    [{ prompt: "x", privacy: "device" }, {}, "privacy is no part of the request."],
  ])("refuses %j with the options %j", async (request, options, message) => {
    await using modelyard = createModelyard(config);
    expect(() => modelyard.chat(request as { prompt: string }, options)).toThrow(
      expect.objectContaining({
        code: "invalid-request",
        message: expect.stringContaining(message),
        remedy: expect.any(String),
      }),
    );
  });

  it("says what is wrong with a schema, and what a backend makes nothing of", async () => {
    await using modelyard = createModelyard(config);
    const tools = [{ name: "look", inputSchema: { type: "nonsense" } }];
    await expect(modelyard.chat({ prompt: "x", tools }, { model: "parrot" })).rejects.toMatchObject(
      {
        code: "invalid-request",
        message: expect.stringMatching(/tools\[0\]\.inputSchema\.type: .*"nonsense"/),
      },
    );
    const request = { prompt: "x", stop: "y", tools: [], responseSchema: { type: "object" } };
    const { warnings } = await modelyard.chat(request, { model: "parrot" });
    expect(warnings).toEqual(
      ["tools", "responseSchema", "stop"].map(
        (name) => `echo says back what it is told: ${name} was ignored.`,
      ),
    );
  });

  it("says what is wrong with its configuration at the first call", async () => {
    await using modelyard = createModelyard({ backends: { echo: { type: "ecko" } } });
    const thrown = await modelyard.chat({ prompt: "hi" }).catch((error: unknown) => error);
    expect(isModelyardError(thrown) && thrown.code).toBe("invalid-config");
  });

  it("takes no call once it is closed", async () => {
    const modelyard = createModelyard(config);
    await modelyard.close();
    await expect(modelyard.models()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("listens from the start, and not after it was told to stop", async () => {
    await using modelyard = createModelyard(config);
    const heard: string[] = [];
    const stop = modelyard.on("call", ({ capability }) => heard.push(capability));
    await modelyard.chat({ prompt: "hi" }, { model: "parrot" });
    stop();
    await modelyard.chat({ prompt: "hi" }, { model: "parrot" });
    expect(heard).toEqual(["chat"]);
  });

  it("has types that follow from the capability", () => {
    const modelyard = createModelyard(config);
    const chat = () => modelyard.chat({ prompt: "hi" });
    expectTypeOf<Awaited<ReturnType<typeof chat>>["text"]>().toEqualTypeOf<string>();
    expectTypeOf<Awaited<ReturnType<typeof chat>>>().toExtend<Origin>();
    expectTypeOf<ReturnType<typeof chat>>().toExtend<AsyncIterable<ChatEvent>>();

    const embed = () => modelyard.embed({ input: ["one", "two"] });
    expectTypeOf<Awaited<ReturnType<typeof embed>>["embeddings"]>().toEqualTypeOf<number[][]>();
    expectTypeOf<ReturnType<typeof embed>>().not.toExtend<AsyncIterable<unknown>>();

    const classify = () => modelyard.call("classification", { input: "x", labels: ["a", "b"] });
    expectTypeOf<Awaited<ReturnType<typeof classify>>["labels"][number]>().toEqualTypeOf<{
      label: string;
      score: number;
    }>();

    expect(() => {
      // @ts-expect-error -- a misspelt field
      void modelyard.chat({ promt: "hi" });
      // @ts-expect-error -- a capability that is not there
      void modelyard.call("chatt", { prompt: "hi" });
      // @ts-expect-error -- a misspelt event
      modelyard.on("calls", () => {});
      // @ts-expect-error -- an event that no chat has
      expectTypeOf<ChatEvent["type"]>().toEqualTypeOf<"text-dleta">();
    }).not.toThrow();
  });
});
