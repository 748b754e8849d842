import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { chat } from "../../contract/capabilities/chat.ts";
import { completion } from "../../contract/capabilities/completion.ts";
import { embedding } from "../../contract/capabilities/embedding.ts";
import { config } from "./config.ts";
import { parameters } from "./parameters.ts";
import { toChatBody, toCompletionBody } from "./to-body.ts";
import type { ModelDescription } from "./to-description.ts";

const able: ModelDescription = {
  capabilities: ["chat", "completion"],
  sees: true,
  usesTools: true,
  thinks: false,
  thinksInLevels: false,
  isRemote: false,
  trainedTokens: 8192,
  stops: ["<|im_end|>"],
};

/** The body of a chat, and what was warned of. */
function bodyOf(input: object, description: Partial<ModelDescription> = {}, written: object = {}) {
  const warnings: string[] = [];
  const request = chat.request.parse({ prompt: "hi", ...input });
  const body = toChatBody(request, {
    model: "m",
    config: config.parse(written),
    description: { ...able, ...description },
    warn: (message) => void warnings.push(message),
  });
  return { body, warnings };
}

const tool = { name: "weather", description: "d", inputSchema: { properties: { city: {} } } };

describe("a chat's body", () => {
  it("never lets a prompt be cut in silence, and always streams", () => {
    expect(bodyOf({}).body).toEqual({
      model: "m",
      stream: true,
      truncate: false,
      shift: false,
      messages: [{ role: "user", content: "hi" }],
      options: {},
    });
  });

  it("puts parameters into options, and ends where the Modelfile would too", () => {
    const { body, warnings } = bodyOf({
      maxTokens: 5,
      temperature: 0,
      topP: 0.5,
      seed: 7,
      stop: "END",
    });
    expect(body["options"]).toEqual({
      num_predict: 5,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: ["<|im_end|>", "END"],
    });
    expect(warnings).toEqual([]);
  });

  it("asks for the configured window, at most the model's own, and the same each time", () => {
    const written = { contextSize: 100_000, keepAlive: "10m", options: { num_thread: 1, seed: 1 } };
    expect(bodyOf({ seed: 2 }, {}, written).body).toMatchObject({
      keep_alive: "10m",
      options: { num_ctx: 8192, num_thread: 1, seed: 2 },
    });
  });

  it("merges providerOptions, and tells what they can't change", () => {
    const ollama = { think: "low", logprobs: true, model: "other", options: { top_k: 3 } };
    const { body, warnings } = bodyOf({ temperature: 0, providerOptions: { ollama, vllm: {} } });
    expect(body).toMatchObject({
      model: "m",
      think: "low",
      logprobs: true,
      options: { temperature: 0, top_k: 3 },
    });
    expect(warnings).toEqual([expect.stringContaining("providerOptions.ollama.model")]);
  });

  it("leaves thinking to the model, unless the answer is held to a schema", () => {
    const responseSchema = { type: "object" };
    expect(bodyOf({}, { thinks: true }).body).not.toHaveProperty("think");
    expect(bodyOf({ responseSchema }, { thinks: true }).body).toMatchObject({
      format: responseSchema,
      think: false,
    });
    expect(bodyOf({ responseSchema }).body).not.toHaveProperty("think");
    const providerOptions = { ollama: { think: true } };
    expect(bodyOf({ responseSchema, providerOptions }, { thinks: true }).body).toMatchObject({
      think: true,
    });
  });

  it.each<[object, Partial<ModelDescription>, unknown, number]>([
    [{ reasoningEffort: "high" }, { thinks: true }, true, 0],
    [{ reasoningEffort: "none" }, { thinks: true }, false, 0],
    [{ reasoningEffort: "xhigh" }, { thinks: true, thinksInLevels: true }, "high", 0],
    [{ reasoningEffort: "none" }, { thinks: true, thinksInLevels: true }, "low", 1],
    [{ reasoningEffort: "none" }, {}, undefined, 0],
    [{ reasoningEffort: "low" }, {}, undefined, 1],
    [{ reasoningEffort: "low", responseSchema: {} }, { thinks: true }, false, 1],
  ])("of %j for %j has think %j", (input, description, think, warned) => {
    const { body, warnings } = bodyOf(input, description);
    expect(body["think"]).toBe(think);
    expect(warnings).toHaveLength(warned);
  });

  it("asks for likelihoods, penalises, and has no bias", () => {
    const { body, warnings } = bodyOf({
      logprobs: 2,
      topK: 3,
      frequencyPenalty: 0.5,
      presencePenalty: -1,
      logitBias: { 5: 1 },
    });
    expect(body).toMatchObject({
      logprobs: true,
      top_logprobs: 2,
      options: { top_k: 3, frequency_penalty: 0.5, presence_penalty: -1 },
    });
    expect(warnings).toEqual([expect.stringContaining("logitBias")]);
  });

  it("carries a whole conversation", () => {
    const { body } = bodyOf({
      prompt: undefined,
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "what is this" },
            { type: "image", data: "aGk=", mediaType: "image/png" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "tool-call", toolCallId: "a", toolName: "weather", input: { city: "Rome" } },
            { type: "tool-call", toolCallId: "b", toolName: "weather", input: { city: "Oslo" } },
          ],
        },
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: "a", toolName: "weather", output: "sun" },
            {
              type: "tool-result",
              toolCallId: "b",
              toolName: "weather",
              output: "gone",
              isError: true,
            },
          ],
        },
      ],
    });
    expect(body["messages"]).toEqual([
      { role: "system", content: "s" },
      { role: "user", content: "what is this", images: ["aGk="] },
      {
        role: "assistant",
        content: "",
        thinking: "hm",
        tool_calls: [
          { id: "a", function: { name: "weather", arguments: { city: "Rome" } } },
          { id: "b", function: { name: "weather", arguments: { city: "Oslo" } } },
        ],
      },
      { role: "tool", content: "sun", tool_name: "weather", tool_call_id: "a" },
      { role: "tool", content: "Error: gone", tool_name: "weather", tool_call_id: "b" },
    ]);
  });

  it("refuses what the model or Ollama can't do, before it is asked", () => {
    const image = { type: "image", data: "aGk=", mediaType: "image/png" };
    const seeing = { prompt: undefined, messages: [{ role: "user", content: [image] }] };
    const unable = expect.objectContaining({ code: "capability-not-supported" });
    const wrong = expect.objectContaining({ code: "invalid-request" });
    expect(() => bodyOf(seeing, { sees: false })).toThrow(unable);
    expect(() => bodyOf({ tools: [tool] }, { usesTools: false })).toThrow(unable);
    expect(() => bodyOf({ tools: [tool], responseSchema: {} })).toThrow(wrong);
    const unheld = { responseSchema: { type: "integer", multipleOf: 5 } };
    expect(() => bodyOf(unheld)).toThrow(
      "responseSchema: Ollama can't hold an answer to multipleOf.",
    );
    expect(bodyOf(unheld, { isRemote: true }).body).toHaveProperty("format");
    expect(() => bodyOf({ tools: [tool], toolChoice: { toolName: "wether" } })).toThrow(
      'Did you mean "weather"?',
    );
  });

  it.each([
    ["auto", 2, 0],
    ["none", 0, 0],
    ["required", 2, 1],
    [{ toolName: "weather" }, 1, 1],
  ])(
    "offers tools by toolChoice %j, with a warning where it can't be held",
    (toolChoice, tools, warned) => {
      const { body, warnings } = bodyOf({ toolChoice, tools: [tool, { ...tool, name: "time" }] });
      expect(((body["tools"] as object[]) ?? []).length).toBe(tools);
      expect(warnings).toHaveLength(warned);
    },
  );

  it("warns of a call that is required where there are no tools", () => {
    expect(bodyOf({ toolChoice: "required" }).warnings).toEqual([
      expect.stringContaining("no tools"),
    ]);
  });

  it("warns of options for another kind of backend where none are for this", () => {
    const other = { vllm: { top_k: 1 } };
    expect(bodyOf({ providerOptions: other }).warnings).toEqual([
      expect.stringContaining("providerOptions of vllm are not for this backend"),
    ]);
    expect(bodyOf({ providerOptions: { ...other, ollama: {} } }).warnings).toEqual([]);
  });

  it("gives a tool's schema the type that Ollama needs", () => {
    expect(bodyOf({ tools: [tool] }).body["tools"]).toEqual([
      {
        type: "function",
        function: {
          name: "weather",
          description: "d",
          parameters: { type: "object", properties: { city: {} } },
        },
      },
    ]);
  });
});

it("a completion's text gets no chat template", () => {
  const request = completion.request.parse({ prompt: "Once", maxTokens: 3 });
  const context = { model: "m", config: config.parse({}), description: able, warn() {} };
  expect(toCompletionBody(request, context)).toMatchObject({
    prompt: "Once",
    raw: true,
    options: { num_predict: 3 },
  });
});

describe("the table of parameters", () => {
  const fields = (schema: z.ZodType): string[] => {
    const { def } = schema as unknown as {
      def: { in?: z.ZodType; shape?: Record<string, unknown> };
    };
    return def.shape === undefined ? fields(def.in!) : Object.keys(def.shape);
  };
  const inputs = ["messages", "prompt", "system", "input"];

  it.each([
    ["chat", chat.request],
    ["completion", completion.request],
    ["embedding", embedding.request],
  ] as const)("names each parameter of %s", (name, schema) => {
    const named = Object.keys(parameters[name] ?? {}).toSorted();
    expect(named).toEqual(
      fields(schema)
        .filter((field) => !inputs.includes(field))
        .toSorted(),
    );
  });
});
