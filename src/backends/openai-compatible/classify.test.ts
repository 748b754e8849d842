import { describe, expect, it, onTestFinished } from "vitest";
import {
  startRecordedServer,
  type ReceivedRequest,
  type RecordedAnswer,
  type RecordedAnswers,
} from "../../../test/peers/recorded-server.ts";
import { classification } from "../../contract/capabilities/classification.ts";
import { tryBackend } from "./__fixtures__/try-backend.ts";

async function trial(profile: string, answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  onTestFinished(() => server.stop());
  const { backend, context, warnings } = tryBackend({ baseUrl: server.url, profile });
  const classify = async (multiLabel = false, labels: string[] | undefined = ["good", "bad"]) => {
    const request = { input: "Fine!", ...(labels.length === 0 ? {} : { labels }), multiLabel };
    return classification.collect(await backend.capabilities.classification!(request, context));
  };
  return { classify, warnings, requests: server.requests };
}

const json = (body: unknown, status = 200) => ({ status, body });
const chatPath = "POST /v1/chat/completions";
const paths = (requests: readonly ReceivedRequest[]) => requests.map(({ path }) => path);

/** An answer whose first token has these likelihoods. */
const token = (likelihoods: Record<string, number>) =>
  json({
    choices: [
      {
        message: { content: "A" },
        finish_reason: "length",
        logprobs: {
          content: [
            {
              token: "A",
              logprob: 0,
              top_logprobs: Object.entries(likelihoods).map(([word, likelihood]) => ({
                token: word,
                logprob: Math.log(likelihood),
              })),
            },
          ],
        },
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 1 },
  });
const noRoute = json({ error: { message: "Not Found", code: 404 } }, 404);

describe("classification by a native route", () => {
  it("asks OpenAI's Decisions API for a choice", async () => {
    const { classify, requests, warnings } = await trial("vllm", {
      "POST /v1/decisions": json({
        answers: [
          {
            type: "choice",
            name: "label",
            choice: "good",
            confidence: 0.9,
            probabilities: [
              { value: "bad", probability: 0.1 },
              { value: "good", probability: 0.9 },
            ],
          },
        ],
        usage: { input_tokens: 12, output_tokens: 0, input_tokens_details: { cached_tokens: 3 } },
      }),
    });
    expect(await classify()).toMatchObject({
      labels: [
        { label: "good", score: 0.9 },
        { label: "bad", score: 0.1 },
      ],
      usage: { inputTokens: 12, outputTokens: 0, cachedInputTokens: 3 },
    });
    expect(requests[0]?.body).toMatchObject({
      model: "m",
      input: "Fine!",
      questions: [{ type: "choice" }],
    });
    expect(warnings).toEqual([]);
  });

  it("asks it for a predicate for each of several labels", async () => {
    const { classify } = await trial("vllm", {
      "POST /v1/decisions": json({
        answers: [
          { type: "predicate", name: "label_0", probability: 0.8 },
          { type: "predicate", name: "label_1", probability: 0.7 },
        ],
      }),
    });
    expect((await classify(true)).labels).toEqual([
      { label: "good", score: 0.8 },
      { label: "bad", score: 0.7 },
    ]);
  });

  it("asks /systemone, for one label or several", async () => {
    const { classify } = await trial("llama-server", {
      "POST /v1/systemone": [
        json({
          answers: {
            label: { type: "choice", choice: "bad", probabilities: { good: 0.2, bad: 0.8 } },
          },
        }),
        json({
          answers: { label_0: { type: "noul", noul: 0.6 }, label_1: { type: "noul", noul: 0.5 } },
        }),
      ],
    });
    expect((await classify()).labels[0]).toEqual({ label: "bad", score: 0.8 });
    expect((await classify(true)).labels).toEqual([
      { label: "good", score: 0.6 },
      { label: "bad", score: 0.5 },
    ]);
  });

  it("asks a classifier for its own labels where none are given", async () => {
    const { classify, requests } = await trial("vllm", {
      "POST /classify": json({
        data: [{ index: 0, label: "joy", probs: [0.1, 0.7, 0.2], num_classes: 3 }],
        usage: { prompt_tokens: 4 },
      }),
    });
    expect((await classify(false, [])).labels).toEqual([
      { label: "joy", score: 0.7 },
      { label: "class 2", score: 0.2 },
      { label: "class 0", score: 0.1 },
    ]);
    expect(paths(requests)).toEqual(["/classify"]);
  });

  it("needs labels where a model has none of its own", async () => {
    const { classify } = await trial("plain", {});
    await expect(classify(false, [])).rejects.toMatchObject({
      code: "invalid-request",
      remedy: "Give labels to choose from.",
    });
  });
});

describe("classification by likelihoods", () => {
  it("reads one token over the list and its reverse, and remembers what is lacking", async () => {
    const { classify, requests, warnings } = await trial("vllm", {
      "POST /v1/decisions": noRoute,
      [chatPath]: ({ body }, response) => {
        const [{ content }] = (body as { messages: [{ content: string }] }).messages;
        const likely = content.includes("A. good")
          ? { A: 0.5, " A": 0.3, B: 0.1, Hm: 0.1 }
          : { "B.": 0.6, A: 0.3 };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(token(likely).body));
      },
    });
    const { labels, usage } = await classify();
    expect(labels[0]?.label).toBe("good");
    // sqrt(0.8 × 0.6) against sqrt(0.1 × 0.3)
    expect(labels[0]?.score).toBeCloseTo(0.8, 2);
    expect(usage).toMatchObject({ inputTokens: 20, outputTokens: 2 });
    expect(warnings).toEqual(["The scores are how likely the model is to choose each label."]);
    await classify();
    expect(paths(requests).filter((path) => path === "/v1/decisions")).toHaveLength(1);
    expect(requests[1]?.body).toMatchObject({
      max_tokens: 1,
      temperature: 0,
      logprobs: true,
      top_logprobs: 20,
    });
  });

  it("asks for each of several labels by itself", async () => {
    const { classify } = await trial("plain", {
      [chatPath]: [token({ Yes: 0.9, No: 0.1 }), token({ yes: 0.2, No: 0.6 })],
    });
    const { labels } = await classify(true);
    expect(labels.map(({ score }) => score).toSorted()).toEqual([
      expect.closeTo(0.25, 6),
      expect.closeTo(0.9, 6),
    ]);
  });

  it.each<[string, RecordedAnswer]>([
    ["tells none", json({ choices: [{ message: { content: "A" }, finish_reason: "length" }] })],
    ["refuses to tell them", json({ error: { message: "`logprobs` is not supported" } }, 400)],
    ["answers with something else", token({ The: 0.9, A: 0.05 })],
  ])("gives way to a schema where a model %s", async (_, first) => {
    const { classify, warnings, requests } = await trial("plain", {
      [chatPath]: (request, response) => {
        const schema = "response_format" in (request.body as object);
        const { status, body } = (
          schema
            ? json({ choices: [{ message: { content: '"bad"' }, finish_reason: "stop" }] })
            : first
        ) as { status: number; body: unknown };
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify(body));
      },
    });
    expect((await classify()).labels[0]).toEqual({ label: "bad", score: 1 });
    expect(warnings).toEqual([expect.stringContaining("gives no likelihoods")]);
    expect(requests.at(-1)?.body).toMatchObject({
      response_format: {
        json_schema: { schema: { properties: { label: { enum: ["good", "bad"] } } } },
      },
    });
  });

  it("gives way to a schema where there are more labels than likelihoods", async () => {
    const labels = Array.from({ length: 21 }, (_, at) => `label ${at}`);
    const { classify, requests } = await trial("plain", {
      [chatPath]: json({
        choices: [{ message: { content: '"label 20"' }, finish_reason: "stop" }],
      }),
    });
    expect((await classify(false, labels)).labels[0]).toEqual({ label: "label 20", score: 1 });
    expect(requests).toHaveLength(1);
  });

  it("gives way to words where a server takes no schema, whatever the answer is wrapped in", async () => {
    const { classify } = await trial("groq", {
      "POST /openai/v1/chat/completions": (request, response) => {
        const schema = "response_format" in (request.body as object);
        const { status, body } = schema
          ? json({ error: { message: "This model does not like such a schema" } }, 400)
          : json({
              choices: [
                {
                  message: { content: '```json\n{"labels": ["good"]}\n```' },
                  finish_reason: "stop",
                },
              ],
            });
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify(body));
      },
    });
    expect((await classify(true)).labels).toEqual([
      { label: "good", score: 1 },
      { label: "bad", score: 0 },
    ]);
  });

  it("is no answer where a model chooses none of the labels", async () => {
    const { classify } = await trial("groq", {
      "POST /openai/v1/chat/completions": json({
        choices: [{ message: { content: "Hm" }, finish_reason: "stop" }],
      }),
    });
    await expect(classify()).rejects.toMatchObject({ code: "invalid-response" });
  });

  it("gives way to vectors where a model does not chat", async () => {
    const { classify, warnings } = await trial("plain", {
      [chatPath]: json(
        { error: { message: "The model does not support Chat Completions API" } },
        400,
      ),
      "POST /v1/embeddings": json({
        data: [{ embedding: [1, 0] }, { embedding: [0, 1] }, { embedding: [1, 0.1] }],
      }),
    });
    expect((await classify()).labels[0]?.label).toBe("bad");
    expect(warnings).toEqual([expect.stringContaining("near")]);
  });

  it("fails with the refusal of the chat where there are no vectors either, each time", async () => {
    const { classify } = await trial("groq", {
      "POST /openai/v1/chat/completions": json({ error: { message: "No such words here" } }, 400),
    });
    for (const _ of ["asked", "remembered"])
      await expect(classify()).rejects.toMatchObject({
        code: "invalid-request",
        message: expect.stringContaining("No such words here"),
      });
  });

  it("fails with a failure of the server", async () => {
    const { classify } = await trial("plain", {
      [chatPath]: json({ error: { message: "boom" } }, 500),
    });
    await expect(classify()).rejects.toMatchObject({ code: "backend-error" });
  });
});
