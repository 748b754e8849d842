import { ModelyardError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { checkAnswer } from "./check-answer.ts";
import { quote } from "./quote.ts";

/**
 * A response's body as JSON, of the shape that the schema says where one is given: the type is then known.
 * @throws `invalid-response` with its beginning where it is none, or with what does not fit; where a schema is given, also what the
 * upstream says in an `error` field, whatever its status was
 */
export async function readJson<Output = unknown>(
  response: Response,
  schema?: Schema<unknown, Output>,
): Promise<Output> {
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (cause) {
    throw notJson(text, cause);
  }
  return schema === undefined ? (value as Output) : checkAnswer(value, schema);
}

/** What came instead of JSON, quoted. */
export function notJson(text: string, cause?: unknown): ModelyardError {
  const page = /^\s*<(!doctype|html)/i.test(text);
  const what =
    text.trim() === "" ? "is empty" : `is ${page ? "a web page" : "no JSON"}: ${quote(text)}`;
  return new ModelyardError("invalid-response", `What the backend sent ${what}.`, {
    cause,
    remedy: page
      ? "Check that baseUrl is the address of an API, not of a page."
      : "Check that baseUrl is the address of this kind of API.",
  });
}
