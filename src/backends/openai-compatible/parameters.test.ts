import { describe, expect, it } from "vitest";
import { chat } from "../../contract/capabilities/chat.ts";
import { completion } from "../../contract/capabilities/completion.ts";
import { embedding } from "../../contract/capabilities/embedding.ts";
import { classification } from "../../contract/capabilities/classification.ts";
import { rerank } from "../../contract/capabilities/rerank.ts";
import { fieldsAt, toJsonSchema } from "../../contract/schema.ts";
import definition from "./index.ts";
import { toChatRequest } from "./convert/to-chat-request.ts";
import { plainProfile } from "./profiles/profile.ts";

/** What a request is about: no parameter, and always there. */
const subjects = ["messages", "prompt", "system", "input", "query", "documents"];

describe("the table of parameters", () => {
  it.each([chat, completion, embedding, classification, rerank])(
    "names each that $name takes",
    ({ name, request }) => {
      const fields = fieldsAt(toJsonSchema(request as never, "input"), []);
      const wanted = fields.filter((field) => !subjects.includes(field));
      expect(Object.keys(definition.parameters?.[name] ?? {}).toSorted()).toEqual(
        wanted.toSorted(),
      );
    },
  );

  it.each<[string, object]>([
    ["tools", { tools: [{ name: "f", inputSchema: {} }] }],
    ["toolChoice", { toolChoice: "required" }],
    ["parallelToolCalls", { parallelToolCalls: false, tools: [{ name: "f", inputSchema: {} }] }],
    ["responseSchema", { responseSchema: {} }],
    ["maxTokens", { maxTokens: 1 }],
    ["temperature", { temperature: 1 }],
    ["topP", { topP: 1 }],
    ["stop", { stop: ["x"] }],
    ["seed", { seed: 1 }],
    ["topK", { topK: 3 }],
    ["frequencyPenalty", { frequencyPenalty: 1 }],
    ["presencePenalty", { presencePenalty: 1 }],
    ["logitBias", { logitBias: { 5: 1 } }],
    ["logprobs", { logprobs: 2 }],
    ["reasoningEffort", { reasoningEffort: "low" }],
    ["providerOptions", { providerOptions: { "openai-compatible": { top_k: 1 } } }],
  ])("says truly that %s reaches the server without a warning", (parameter, given) => {
    const warnings: string[] = [];
    const plain = toChatRequest(chat.request.parse({ prompt: "Hi" }), "m", plainProfile, () => {});
    const body = toChatRequest(
      chat.request.parse({ prompt: "Hi", ...given }),
      "m",
      plainProfile,
      (message) => warnings.push(message),
    );
    expect(JSON.stringify(body).length).toBeGreaterThan(JSON.stringify(plain).length);
    expect(warnings).toEqual([]);
    expect(["honoured", "converted"]).toContain(definition.parameters?.chat?.[parameter]);
  });
});
