import type { CallContext, Handler } from "../../../contract/backend.ts";
import { chat, type ChatRequest } from "../../../contract/capabilities/chat.ts";
import type {
  ClassificationOutput,
  ClassificationRequest,
} from "../../../contract/capabilities/classification.ts";
import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";
import { field, list } from "../convert/fields.ts";

/**
 * Lets a model choose among the labels, in JSON that a schema allows: an object, since services take no other; in words alone where the
 * server takes no schema. Gives a choice and no likelihoods, and says so.
 * @throws `invalid-response` where the model chose none of the labels
 */
export async function classifyByChoice(
  { input, labels = [], multiLabel = false }: ClassificationRequest,
  handler: Handler<"chat">,
  context: CallContext,
): Promise<ClassificationOutput> {
  const choice = { type: "string", enum: labels };
  const answer = multiLabel ? { type: "array", items: choice } : choice;
  const name = multiLabel ? "labels" : "label";
  const wanted = multiLabel ? "all labels that fit" : "the one label that fits best";
  const example = multiLabel ? `{"labels": ["…"]}` : `{"label": "…"}`;
  const system = `Sort the text into ${wanted}: ${labels.join(", ")}. Answer in JSON alone: ${example}`;
  const request: ChatRequest = {
    messages: [
      { role: "system", content: [{ type: "text", text: system }] },
      { role: "user", content: [{ type: "text", text: input }] },
    ],
    temperature: 0,
  };
  const responseSchema = {
    type: "object",
    properties: { [name]: answer },
    required: [name],
    additionalProperties: false,
  };

  async function ask(asked: ChatRequest) {
    const events = [];
    // What becomes of the schema is nothing that the caller has asked for.
    for await (const event of handler(asked, { ...context, warn() {} })) events.push(event);
    return chat.collect(events);
  }

  const { text, usage } = await ask({ ...request, responseSchema }).catch((error: unknown) => {
    if (!isModelyardError(error) || error.code !== "invalid-request") throw error;
    return ask(request);
  });
  const chosen = toChoice(text, name, labels);
  if (chosen.length === 0 && !(multiLabel && text.includes("[")))
    throw new ModelyardError("invalid-response", `${context.model} chose none of the labels.`, {
      details: { limit: "ability" },
      model: context.model,
      remedy: "Use a larger model, or one with a classification capability of its own.",
    });
  context.warn(
    "The scores are 1 for what the model chose and 0 for the rest: it gives no likelihoods.",
  );
  return {
    labels: labels.map((label) => ({ label, score: chosen.includes(label) ? 1 : 0 })),
    usage,
  };
}

/** The labels that an answer holds: in the field, alone, or as plain text. */
function toChoice(answer: string, name: string, labels: readonly string[]): unknown[] {
  const parsed = toJson(answer);
  const found = field(parsed, name) ?? parsed;
  return (Array.isArray(found) ? list(found) : [found]).filter((each) =>
    labels.includes(each as string),
  );
}

/** What stands in a block of code is meant as well; what is no JSON is a text. */
function toJson(answer: string): unknown {
  const bare = answer.replace(/^\s*```\w*|```\s*$/g, "").trim();
  try {
    return JSON.parse(bare);
  } catch {
    return bare;
  }
}
