import { describe, expect, it } from "vitest";
import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { builtInCapabilities } from "./capabilities.ts";
import { chat } from "./capabilities/chat.ts";
import { classification } from "./capabilities/classification.ts";
import { completion } from "./capabilities/completion.ts";
import { embedding } from "./capabilities/embedding.ts";
import { isModelyardError } from "./errors.ts";
import { toJsonSchema, type Schema } from "./schema.ts";
import { validate } from "./validate.ts";

const loneSurrogate = "\ud83d";
const part = (text: string) => [{ type: "text", text }];
const user = (content: unknown) => ({ messages: [{ role: "user", content }] });
const labels = (count: number) => Array.from({ length: count }, (_, index) => `label ${index}`);

function problemsOf(schema: StandardJSONSchemaV1, value: unknown): string[] {
  try {
    validate(schema as Schema, value, { what: "request" });
  } catch (error) {
    if (!isModelyardError(error) || error.code !== "invalid-request") throw error;
    const problems = error.details?.["problems"] as { path: string; message: string }[];
    return problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("what a handler receives", () => {
  it.each([
    ["a prompt", chat, { prompt: "Hi" }, { messages: [{ role: "user", content: part("Hi") }] }],
    [
      "a system message before all others",
      chat,
      { ...user("Hi"), system: "Be kind." },
      {
        messages: [
          { role: "system", content: part("Be kind.") },
          { role: "user", content: part("Hi") },
        ],
      },
    ],
    [
      "one stop word as a list",
      completion,
      { prompt: "Hi", stop: "." },
      { prompt: "Hi", stop: ["."] },
    ],
    ["one text as a list", embedding, { input: "Hi" }, { input: ["Hi"] }],
    [
      "one label that is judged by itself",
      classification,
      { input: "Hi", labels: ["a"], multiLabel: true },
      { input: "Hi", labels: ["a"], multiLabel: true },
    ],
    [
      "a thousand labels",
      classification,
      { input: "Hi", labels: labels(1000) },
      { input: "Hi", labels: labels(1000) },
    ],
    [
      "ten megabytes",
      embedding,
      { input: "x".repeat(10_000_000) },
      { input: ["x".repeat(10_000_000)] },
    ],
  ])("%s", (_, { request }, given, received) => {
    expect(validate(request as Schema, given, { what: "request" })).toEqual(received);
  });
});

describe("what is refused, with path, finding and the nearest right word", () => {
  it.each([
    [chat, {}, [": Give either messages or prompt."]],
    [chat, { prompt: "x", ...user("x") }, [": Give either messages or prompt."]],
    [chat, { prompt: "" }, ["prompt: Must not be empty."]],
    [chat, { prompt: 5 }, ["prompt: Expected string, found number."]],
    [chat, { messages: [] }, ["messages: Must hold at least one message."]],
    [
      chat,
      { prompt: "x", temprature: 1 },
      ['temprature: Unknown key. Did you mean "temperature"?'],
    ],
    [
      chat,
      { messages: [{ role: "usr", content: "x" }] },
      [
        'messages[0].role: Expected one of "system", "user", "assistant", "tool", found "usr". Did you mean "user"?',
      ],
    ],
    [chat, user(5), ["messages[0].content: Expected string or array, found number."]],
    [
      chat,
      user(loneSurrogate),
      ["messages[0].content: Not valid Unicode: it holds half of a surrogate pair."],
    ],
    [
      chat,
      user([{ type: "text", txt: "x" }]),
      [
        "messages[0].content[0].text: Missing: expected string.",
        'messages[0].content[0].txt: Unknown key. Did you mean "text"?',
      ],
    ],
    [
      chat,
      { messages: [{ role: "user", content: "x", contnt: "x" }] },
      ['messages[0].contnt: Unknown key. Did you mean "content"?'],
    ],
    [
      chat,
      { prompt: "x", toolChoice: "atuo" },
      [
        'toolChoice: Expected one of "auto", "none", "required", found "atuo". Did you mean "auto"?',
      ],
    ],
    [
      chat,
      { prompt: "x", temperature: 3, maxTokens: 0 },
      [
        "maxTokens: Too small: expected number to be >0, found 0.",
        "temperature: Too big: expected number to be <=2, found 3.",
      ],
    ],
    [completion, null, [": Expected object, found null."]],
    [completion, {}, ["prompt: Missing: expected string."]],
    [completion, { prompt: "x", stop: ["a", ""] }, ["stop[1]: Must not be empty."]],
    [embedding, { input: "" }, ["input: Must not be empty."]],
    [embedding, { input: [] }, ["input: Must hold at least one text."]],
    [embedding, { input: ["a", ""] }, ["input[1]: Must not be empty."]],
    [
      embedding,
      { input: "x", purpose: "qury" },
      ['purpose: Expected one of "query", "document", found "qury". Did you mean "query"?'],
    ],
    [classification, { input: "x", labels: [] }, ["labels: Must hold at least one label."]],
    [
      classification,
      { input: "x", labels: ["a"] },
      ["labels: One label alone always wins: give two or more, or set multiLabel."],
    ],
    [
      classification,
      { input: "x", labels: ["a", "b", "a"] },
      ["labels: Must not name a label twice."],
    ],
    [
      classification,
      { input: "x", labels: labels(1001) },
      ["labels: Must hold at most 1,000 labels."],
    ],
    [
      classification,
      { input: "x", labels: ["a", loneSurrogate] },
      ["labels[1]: Not valid Unicode: it holds half of a surrogate pair."],
    ],
  ])("$name %j", ({ request }, given, problems) => {
    expect(problemsOf(request, given)).toEqual(problems);
  });
});

describe("validate", () => {
  it("lists ten problems of the first hundred, which the details hold", () => {
    const texts = Array.from({ length: 1000 }, () => "");
    expect(() => validate(embedding.request, { input: texts }, { what: "embedding" })).toThrow(
      /^Invalid embedding: input\[0\]: .*input\[9\]: Must not be empty\.; and at least 90 problems more$/,
    );
    expect(problemsOf(embedding.request, { input: texts })).toHaveLength(100);
  });

  it("repeats no megabytes of what it was given", () => {
    const long = "x".repeat(10_000_000);
    for (const given of [
      { input: "x", [long]: 1 },
      { input: "x", purpose: long },
    ])
      expect(problemsOf(embedding.request, given).join().length).toBeLessThan(300);
  });

  it("says that a schema which answers later is no good", () => {
    const schema = z.string().refine(async () => true);
    const later = {
      "~standard": {
        ...schema["~standard"],
        validate: () => Promise.resolve({ value: "x" }),
      },
    };
    expect(() => validate(later as never, "x", { what: "thing" })).toThrow(/asynchronous/);
  });
});

describe.each(builtInCapabilities)("the JSON Schema of $name", (capability) => {
  it.each([
    ["request", toJsonSchema(capability.request, "input")],
    ["result", toJsonSchema(capability.result, "output")],
  ])("%s is an object that tells its fields", (_, schema) => {
    expect(schema).toMatchObject({ type: "object", properties: expect.anything() });
    expect(schema).not.toHaveProperty("$schema");
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it("knows the fields that the tool shows", () => {
    const { arguments: given = [], result = [] } = capability.tool as {
      arguments?: readonly string[];
      result?: readonly string[];
    };
    expect(Object.keys(toJsonSchema(capability.request, "input")["properties"]!)).toEqual(
      expect.arrayContaining([...given, capability.text.input]),
    );
    expect(Object.keys(toJsonSchema(capability.result, "output")["properties"]!)).toEqual(
      expect.arrayContaining([...result]),
    );
  });
});
