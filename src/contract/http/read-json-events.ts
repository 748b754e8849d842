import { ModelyardError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { checkAnswer } from "./check-answer.ts";
import { headerOf } from "./header-of.ts";
import { readEvents, type ServerSentEvent } from "./read-events.ts";
import { notJson, readJson } from "./read-json.ts";
import { responseError } from "./response-error.ts";

const isLast = ({ data }: ServerSentEvent) => data === "[DONE]";

/**
 * The JSON values of a `text/event-stream`, each of the shape that the schema says: up to its end, or to `[DONE]`. A server that
 * answers in one piece of JSON all the same gives one value.
 * @throws what the upstream says in an event called `error` or in an `error` field; `invalid-response` for what is no JSON or does
 * not fit; `stream-interrupted` where it broke off in the midst of an event
 */
export async function* readJsonEvents<Output>(
  response: Response,
  schema: Schema<unknown, Output>,
): AsyncGenerator<Output, void, undefined> {
  if ((headerOf(response, "content-type") ?? "").includes("application/json")) {
    yield await readJson(response, schema);
    return;
  }
  for await (const event of readEvents(response, { isLast })) {
    if (isLast(event)) return;
    if (event.data.trim() === "") continue;
    const value = parse(event);
    if (event.event === "error") throw responseError({ status: 200, body: asError(value) });
    yield checkAnswer(value, schema);
  }
}

function parse({ event, data, unended }: ServerSentEvent): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch (cause) {
    if (event === "error") return data;
    if (unended !== true) throw notJson(data, cause);
    throw new ModelyardError(
      "stream-interrupted",
      "The answer broke off in the midst of an event.",
      { cause },
    );
  }
}

function asError(value: unknown): unknown {
  return typeof value === "object" && value !== null && "error" in value ? value : { error: value };
}
