import { ModelyardError } from "../errors.ts";
import { quote } from "./quote.ts";

/** A response's body as JSON. @throws `invalid-response` with its beginning where it is none */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw notJson(text, cause);
  }
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
