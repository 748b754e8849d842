import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeMarkovGguf } from "../../../test/models/markov-gguf.ts";
import { startOllama } from "../../../test/peers/ollama.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { askDirectly, gatewayTo } from "./__fixtures__/ollama-gateway.ts";

/** Ollama finds out by a model's template whether it calls tools and thinks, and how it writes that. */
const toolTemplate = `{{ if .Tools }}{{ range .Tools }}{{ . }}{{ end }}{{ end }}{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}{{ if .ToolCalls }}<tool_call>
{{ range .ToolCalls }}{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}
{{ end }}</tool_call>{{ end }}<|im_end|>
{{ end }}<|im_start|>assistant
`;
const thinkingTemplate = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`;

const weather = {
  name: "get_weather",
  description: "The weather of a city.",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const callOf = (city: string) =>
  `{"name": "get_weather", "arguments": ${JSON.stringify({ city })}}\n`;

describe.skipIf(await skipWithout(startOllama))("a real Ollama's models with abilities", () => {
  let ollama: Awaited<ReturnType<typeof startOllama>>;
  let gateway: ReturnType<typeof gatewayTo>;
  let folder: string;

  beforeAll(async () => {
    ollama = await startOllama({ models: "empty" });
    gateway = gatewayTo(ollama.url);
    folder = await mkdtemp(join(tmpdir(), "modelyard-abilities-"));
    await create("caller", toolTemplate, [
      "<tool_call>",
      callOf("Paris"),
      callOf("Rome"),
      "</tool_call>",
    ]);
    await create("thinker", thinkingTemplate, ["<think>", "Hm.", "</think>", "Yes."]);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await ollama.stop();
    await rm(folder, { recursive: true });
  });

  /** A model of which it is known what it says. */
  async function create(model: string, template: string, says: string[]): Promise<void> {
    const file = join(folder, `${model}.gguf`);
    await writeMarkovGguf(file, { says });
    await ollama.createModel(`${model}-bare`, file, { num_thread: 1 });
    const body = { model, from: `${model}-bare`, template, stream: false };
    expect(await askDirectly(ollama.url, "/api/create", body)).toEqual({ status: "success" });
  }

  const chat = (model: string, request: object) =>
    gateway.call("chat", { temperature: 0, maxTokens: 60, ...request }, { model });

  it("calls several tools at once, and takes their results", async () => {
    const asked = { role: "user", content: "The weather in Paris and Rome?" };
    const { result } = await chat("ollama/caller", { messages: [asked], tools: [weather] });
    const { toolCalls = [] } = result as { toolCalls?: { toolCallId: string }[] };
    expect(result).toMatchObject({
      text: "",
      finishReason: "tool-calls",
      toolCalls: [
        { toolName: "get_weather", input: { city: "Paris" } },
        { toolName: "get_weather", input: { city: "Rome" } },
      ],
    });
    const messages = [
      asked,
      { role: "assistant", content: toolCalls.map((each) => ({ type: "tool-call", ...each })) },
      {
        role: "tool",
        content: toolCalls.map(({ toolCallId }) => ({
          type: "tool-result",
          toolCallId,
          toolName: "get_weather",
          output: "sunny",
        })),
      },
    ];
    const next = await chat("ollama/caller", { messages, tools: [weather] });
    expect(inputTokens(next)).toBeGreaterThan(inputTokens({ result }) + 20);
  });

  it("is offered no tools by toolChoice none, and warns where a call can't be required", async () => {
    const asked = { prompt: "The weather?", tools: [weather] };
    const none = await chat("ollama/caller", { ...asked, toolChoice: "none" });
    expect(none.result).not.toHaveProperty("toolCalls");
    expect(none.warnings).toEqual([]);
    const required = await chat("ollama/caller", { ...asked, toolChoice: "required" });
    expect(required.result).toHaveProperty("toolCalls");
    expect(required.warnings).toEqual([expect.stringContaining("toolChoice")]);
  });

  it("thinks apart from its answer, by itself and when it is asked to", async () => {
    const thought = { reasoning: "Hm.", text: "Yes." };
    expect((await chat("ollama/thinker", { prompt: "Well?" })).result).toMatchObject(thought);
    const providerOptions = { ollama: { think: true } };
    const asked = await chat("ollama/thinker", { prompt: "Well?", providerOptions });
    expect(asked.result).toMatchObject(thought);
  });

  it("does not think where its answer is held to a schema", async () => {
    const responseSchema = { type: "string", enum: ["positive", "negative"] };
    const { result } = await chat("ollama/thinker", { prompt: "Well?", responseSchema });
    expect(result).not.toHaveProperty("reasoning");
    expect(JSON.parse((result as { text: string }).text)).toMatch(/^(positive|negative)$/);
  });
});

function inputTokens({ result }: { result: unknown }): number {
  return (result as { usage: { inputTokens: number } }).usage.inputTokens;
}
