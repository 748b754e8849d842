import { expect, it } from "vitest";
import { declaredTreatments, treatmentOf } from "../../__fixtures__/parameter-treatments.ts";
import { parameters, remoteParameters } from "../parameters.ts";
import definition from "../index.ts";
import { embeddingInfo, entailmentInfo, rerankerInfo } from "./__fixtures__/known-answers.ts";
import { startRemoteServer } from "./__fixtures__/remote-server.ts";

const openai = { "GET /v1/models": { body: { object: "list", data: [{ id: "one" }] } } };
const logprobs = { content: [{ token: "Hi", logprob: -1 }] };
const answer = {
  choices: [{ message: { content: "{}" }, text: "Hi", logprobs, finish_reason: "stop" }],
};
const judged = ["contradiction", "entailment", "neutral"].map((label) => ({ label, score: 1 }));
const routes: Record<string, Parameters<typeof startRemoteServer>[0]> = {
  chat: { ...openai, "POST /v1/chat/completions": { body: answer } },
  completion: { ...openai, "POST /v1/completions": { body: answer } },
  embedding: {
    "GET /info": { body: { ...embeddingInfo, model_id: "intfloat/e5-small-v2" } },
    "POST /embed": { body: [[3, 4]] },
  },
  classification: {
    "GET /info": { body: entailmentInfo },
    "POST /predict": { body: [judged, judged] },
  },
  rerank: {
    "GET /info": { body: rerankerInfo },
    "POST /rerank": { body: [{ index: 0, score: 1 }] },
  },
};
const subjects: Record<string, object> = {
  chat: { prompt: "hi" },
  completion: { prompt: "hi" },
  embedding: { input: "good" },
  classification: { input: "vote", labels: ["politics", "sports"] },
  rerank: { query: "bread", documents: ["flour"] },
};
const tools = [{ name: "now", inputSchema: { type: "object" } }];
/** The request's own part, and what of it the server must see. */
const values: Record<string, [given: object, sent: object]> = {
  maxTokens: [{ maxTokens: 2 }, { max_tokens: 2 }],
  temperature: [{ temperature: 0.5 }, { temperature: 0.5 }],
  topP: [{ topP: 0.5 }, { top_p: 0.5 }],
  stop: [{ stop: "x" }, { stop: ["x"] }],
  seed: [{ seed: 1 }, { seed: 1 }],
  topK: [{ topK: 3 }, { top_k: 3 }],
  frequencyPenalty: [{ frequencyPenalty: 0.5 }, { frequency_penalty: 0.5 }],
  presencePenalty: [{ presencePenalty: 0.5 }, { presence_penalty: 0.5 }],
  logitBias: [{ logitBias: { 5: 1 } }, { logit_bias: { 5: 1 } }],
  logprobs: [{ logprobs: 2 }, {}],
  reasoningEffort: [{ reasoningEffort: "low" }, { reasoning_effort: "low" }],
  providerOptions: [{ providerOptions: { huggingface: { top_k: 3 } } }, { top_k: 3 }],
  tools: [{ tools }, { tools: [{ type: "function", function: { name: "now" } }] }],
  parallelToolCalls: [{ tools, parallelToolCalls: false }, { parallel_tool_calls: false }],
  toolChoice: [{ tools, toolChoice: "required" }, { tool_choice: "required" }],
  responseSchema: [
    { responseSchema: { type: "object" } },
    { response_format: { type: "json_schema" } },
  ],
  dimensions: [{ dimensions: 2 }, { dimensions: 2 }],
  purpose: [{ purpose: "query" }, { inputs: ["query: good"] }],
  labels: [
    { labels: ["politics", "tech"] },
    {
      inputs: [
        ["vote", "This example is politics."],
        ["vote", "This example is tech."],
      ],
    },
  ],
  multiLabel: [{ multiLabel: true }, { raw_scores: true }],
  // Seen to here: the server ranks all, whatever is wanted.
  topN: [{ topN: 1 }, { texts: ["flour"] }],
  returnDocuments: [{ returnDocuments: true }, { texts: ["flour"] }],
};

function namesIn(all: object) {
  return Object.entries(all).map(([name, each]) => [name, Object.keys(each as object).toSorted()]);
}

it("speaks of the parameters that are spoken of where models run here", () => {
  const { rerank: _, ...common } = remoteParameters; // a server's alone
  expect(namesIn(common)).toEqual(namesIn(parameters));
});

it.each(declaredTreatments({ ...definition, parameters: remoteParameters }))(
  "of %s: %s is %s",
  async (capability, name, treatment) => {
    await using server = await startRemoteServer(routes[capability]!);
    const [given, sent] = values[name]!;
    const request = { ...subjects[capability], ...given };
    const found = await treatmentOf(server.create(), capability, "default", request);
    // Converted is what reaches the server in other words.
    expect(found).toBe(treatment === "converted" ? "honoured" : treatment);
    const asked = server.asked.find(({ route }) => route.startsWith("POST"));
    expect(asked?.body).toMatchObject(sent);
  },
);
