import { describe, expect, it } from "vitest";
import { chat } from "../../../../contract/capabilities/chat.ts";
import { validate } from "../../../../contract/validate.ts";
import { chatConversion } from "./chat-conversion.ts";

const messages = [{ role: "user", content: "hello" }];
const pixel = "data:image/png;base64,AAAA";

function read(body: object) {
  return chatConversion.read({ messages, ...body });
}

const image = (url: string, detail?: string) => ({
  messages: [{ role: "user", content: [{ type: "image_url", image_url: { url, detail } }] }],
});
const toolCall = { id: "c1", type: "function", function: { name: "look", arguments: '{"a":1}' } };
const tool = { type: "function", function: { name: "look" } };

describe("chatConversion.read", () => {
  it("gives a whole conversation as the contract takes it", () => {
    const {
      requests: [request],
      warnings,
    } = read({
      messages: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [{ type: "text", text: "see" }, ...image(pixel).messages[0]!.content],
        },
        {
          role: "assistant",
          content: null,
          reasoning_content: "hm",
          tool_calls: [toolCall],
          refusal: null,
          annotations: [],
        },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "found" }] },
        { role: "assistant", content: "done" },
      ],
    });
    expect(warnings).toEqual([]);
    expect(validate(chat.request, request, { what: "request" })).toEqual({
      messages: [
        { role: "system", content: [{ type: "text", text: "be brief" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "see" },
            { type: "image", data: "AAAA", mediaType: "image/png" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "tool-call", toolCallId: "c1", toolName: "look", input: { a: 1 } },
          ],
        },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "c1", toolName: "look", output: "found" }],
        },
        { role: "assistant", content: [{ type: "text", text: "done" }] },
      ],
    });
  });

  it.each<[object, object]>([
    [
      { max_tokens: 3, top_p: 0.5, seed: 1, stop: "x" },
      { maxTokens: 3, topP: 0.5, seed: 1, stop: "x" },
    ],
    [
      { max_tokens: null, stop: ["a", "b"], temperature: 0 },
      { stop: ["a", "b"], temperature: 0 },
    ],
    [{ response_format: { type: "json_object" } }, { responseSchema: { type: "object" } }],
    [{ response_format: { type: "text" } }, {}],
    [
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "n", schema: { type: "array" } },
        },
      },
      { responseSchema: { type: "array" } },
    ],
    [
      { tools: [tool], tool_choice: { type: "function", function: { name: "look" } } },
      {
        tools: [{ name: "look", inputSchema: { type: "object", properties: {} } }],
        toolChoice: { toolName: "look" },
      },
    ],
    [
      { top_k: 5, frequency_penalty: 0.5, presence_penalty: -1, logit_bias: { 5: 1 } },
      { topK: 5, frequencyPenalty: 0.5, presencePenalty: -1, logitBias: { 5: 1 } },
    ],
    [{ reasoning_effort: "low" }, { reasoningEffort: "low" }],
    [{ logprobs: true }, { logprobs: 0 }],
    [{ logprobs: true, top_logprobs: 3 }, { logprobs: 3 }],
    [{ logprobs: false, top_logprobs: 0 }, {}],
    [{ parallel_tool_calls: false }, {}],
    [
      { parallel_tool_calls: false, tools: [tool] },
      {
        parallelToolCalls: false,
        tools: [{ name: "look", inputSchema: { type: "object", properties: {} } }],
      },
    ],
  ])("takes %j", (body, expected) => {
    const { requests, warnings } = read(body);
    expect({ requests, warnings }).toEqual({
      requests: [{ messages: [{ role: "user", content: "hello" }], ...expected }],
      warnings: [],
    });
  });

  it("asks once for each answer that is wanted, with a seed of its own", () => {
    const asked = { messages: [{ role: "user", content: "hello" }] };
    expect(read({ n: 3 }).requests).toEqual([asked, asked, asked]);
    expect(read({ n: 2, seed: 7 }).requests).toEqual([
      { ...asked, seed: 7 },
      { ...asked, seed: 8 },
    ]);
  });

  it.each<[object, string]>([
    [{ user: "u" }, "user was ignored."],
    [{ store: true }, "store was ignored: nothing is kept."],
    [{ xyzzy: 1 }, "xyzzy is not known and was ignored."],
    [{ stream_options: {} }, "stream_options was ignored: the answer is not streamed."],
    [image(pixel, "high"), "messages[0].content[0].image_url.detail was ignored."],
    [
      { tools: [{ type: "function", function: { name: "look", strict: true } }] },
      "tools[0].function.strict was ignored: arguments are checked by nobody.",
    ],
  ])("warns of %j", (body, warning) => {
    expect(read(body).warnings).toEqual([warning]);
  });

  it.each<[object, string]>([
    [image("https://example.com/a.png"), "messages[0].content[0].image_url.url"],
    [image("data:text/plain;base64,AAAA"), "messages[0].content[0].image_url.url"],
    [image("data:image/png,AAAA"), "messages[0].content[0].image_url.url"],
    [
      { messages: [{ role: "user", content: [{ type: "input_audio" }] }] },
      "messages[0].content[0].type",
    ],
    [{ messages: [{ role: "king", content: "x" }] }, "messages[0].role"],
    [
      { messages: [{ role: "tool", tool_call_id: "c9", content: "x" }] },
      "messages[0].tool_call_id",
    ],
    [
      {
        messages: [
          {
            role: "assistant",
            tool_calls: [{ ...toolCall, function: { name: "look", arguments: "{" } }],
          },
        ],
      },
      "messages[0].tool_calls[0].function.arguments",
    ],
    [{ n: 0 }, "n"],
    [{ n: 129 }, "n"],
    [{ n: "2" }, "n"],
    [{ top_logprobs: 3 }, "top_logprobs"],
    [{ min_p: 0.1 }, "min_p"],
    [{ functions: [] }, "functions"],
    [{ max_tokens: 1, max_completion_tokens: 2 }, "max_tokens"],
    [{ parallel_tool_calls: "no", tools: [tool] }, "parallel_tool_calls"],
    [{ tools: [{ type: "custom" }] }, "tools[0].type"],
    [{ response_format: { type: "yaml" } }, "response_format.type"],
    [{ max_token: 5 }, "max_token"],
  ])("refuses %j and names the field", (body, param) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: "invalid-request", details: { param } }) as Error,
    );
  });
});
