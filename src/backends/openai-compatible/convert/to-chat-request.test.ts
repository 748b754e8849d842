import { describe, expect, it } from "vitest";
import { chat, type ChatInput } from "../../../contract/capabilities/chat.ts";
import { findProfile } from "../profiles/find-profile.ts";
import { plainProfile, type Profile } from "../profiles/profile.ts";
import { toChatRequest, toCompletionRequest } from "./to-chat-request.ts";

function written(input: ChatInput, profile: Profile = plainProfile) {
  const warnings: string[] = [];
  const request = chat.request.parse(input);
  const body = toChatRequest(request, "m", profile, (message) => warnings.push(message));
  return { body, warnings };
}

describe("a request for chat", () => {
  it("holds what the caller set, and nothing else", () => {
    expect(written({ prompt: "Hi" }).body).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("comes with a warning where its options are for another kind of backend", () => {
    const other = { ollama: { top_k: 1 } };
    expect(written({ prompt: "Hi", providerOptions: other }).warnings).toEqual([
      expect.stringContaining("providerOptions of ollama are not for this backend"),
    ]);
    const both = { ...other, "openai-compatible": { top_k: 1 } };
    expect(written({ prompt: "Hi", providerOptions: both }).warnings).toEqual([]);
  });

  it("holds all that a caller can set", () => {
    const { body } = written({
      system: "Be brief.",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image", data: "AAAA", mediaType: "image/png" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "Hm." },
            { type: "tool-call", toolCallId: "a", toolName: "look", input: { at: 1 } },
          ],
        },
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: "a", toolName: "look", output: "A cat." },
            {
              type: "tool-result",
              toolCallId: "b",
              toolName: "look",
              output: "gone",
              isError: true,
            },
          ],
        },
        { role: "assistant", content: "A cat." },
      ],
      tools: [{ name: "look", description: "Looks.", inputSchema: { type: "object" } }],
      toolChoice: { toolName: "look" },
      responseSchema: { type: "object" },
      maxTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      stop: "x",
      seed: 7,
      providerOptions: { "openai-compatible": { top_k: 3, temperature: 1 }, ollama: { x: 1 } },
    });
    expect(body).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "a", type: "function", function: { name: "look", arguments: '{"at":1}' } },
          ],
        },
        { role: "tool", tool_call_id: "a", content: "A cat." },
        { role: "tool", tool_call_id: "b", content: "Error: gone" },
        { role: "assistant", content: "A cat." },
      ],
      tools: [
        {
          type: "function",
          function: { name: "look", description: "Looks.", parameters: { type: "object" } },
        },
      ],
      tool_choice: { type: "function", function: { name: "look" } },
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: { type: "object" } },
      },
      max_tokens: 5,
      temperature: 1,
      top_p: 0.9,
      stop: ["x"],
      seed: 7,
      top_k: 3,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("gives reasoning back where the server has a field for it", () => {
    const messages = [
      { role: "user" as const, content: "Hi" },
      {
        role: "assistant" as const,
        content: [
          { type: "reasoning" as const, text: "Hm." },
          { type: "text" as const, text: "Hello" },
        ],
      },
    ];
    expect(written({ messages }, findProfile("vllm")).body["messages"]).toMatchObject([
      {},
      { role: "assistant", content: "Hello", reasoning: "Hm." },
    ]);
  });

  it.each<[string, object, object, string[]]>([
    ["openai", { max_completion_tokens: 5 }, { response_format: { type: "json_schema" } }, []],
    [
      "tgi",
      { max_tokens: 5 },
      { response_format: { type: "json", value: { type: "object" } } },
      [],
    ],
    [
      "deepseek",
      { max_tokens: 5 },
      { response_format: { type: "json_object" } },
      [expect.stringContaining("DeepSeek takes no schema") as string],
    ],
  ])("is spelt as %s wants it", (name, limit, format, expected) => {
    const input = { prompt: "Hi", maxTokens: 5, responseSchema: { type: "object" } };
    const { body, warnings } = written(input, findProfile(name));
    expect(body).toMatchObject({ ...limit, ...format });
    expect(warnings).toEqual(expected);
  });

  it("tells what providerOptions can't change", () => {
    const own = { model: "dearer", messages: [], stream: false, top_k: 3 };
    const { body, warnings } = written({
      prompt: "Hi",
      providerOptions: { "openai-compatible": own },
    });
    expect(body).toEqual({ ...written({ prompt: "Hi" }).body, top_k: 3 });
    expect(warnings).toEqual(
      ["model", "messages", "stream"].map((key) =>
        expect.stringContaining(`providerOptions.openai-compatible.${key} was left out`),
      ),
    );
  });

  it("does not ask for usage where that is refused", () => {
    const { body } = written({ prompt: "Hi" }, findProfile("mistral"));
    expect(body["stream_options"]).toBeUndefined();
  });
});

it("a request for a completion limits by the older name", () => {
  const profile = findProfile("cerebras") ?? plainProfile;
  const request = { prompt: "Once", maxTokens: 5, temperature: 0 };
  expect(toCompletionRequest(request, "m", profile, () => {})).toEqual({
    model: "m",
    prompt: "Once",
    max_tokens: 5,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
});
