import { ModelyardError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { createLineSplitter } from "../split-lines.ts";
import { checkAnswer } from "./check-answer.ts";
import { chunksOf } from "./chunks-of.ts";
import { quote } from "./quote.ts";

/**
 * The values of a stream of JSON lines (`application/x-ndjson`), each of the shape that the schema says where one is given: the type
 * is then known. Empty lines are skipped.
 * @throws `invalid-response` for a line that is no JSON, or longer than `maxLength`, by default 16 Mi characters;
 * `stream-interrupted` where the last line is cut; where a schema is given, `invalid-response` for what does not fit, and what the
 * upstream says in an `error` field
 */
export async function* readLines<Output = unknown>(
  response: Response,
  schema?: Schema<unknown, Output>,
  { maxLength = 16 * 1024 * 1024 }: { maxLength?: number } = {},
): AsyncGenerator<Output, void, undefined> {
  const decoder = new TextDecoder();
  const split = createLineSplitter(maxLength);
  const read = (line: string, isCut = false) => {
    const value = parse(line, isCut);
    return schema === undefined ? (value as Output) : checkAnswer(value, schema);
  };
  for await (const chunk of chunksOf(response)) {
    for (const line of split(decoder.decode(chunk, { stream: true })))
      if (line.trim() !== "") yield read(line);
  }
  const [rest = ""] = split(`${decoder.decode()}\n`);
  if (rest.trim() !== "") yield read(rest, true);
}

/** `isCut`: it ended with the answer, and not with a line's end. */
function parse(line: string, isCut: boolean): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    if (isCut) {
      const message = "The answer broke off in the midst of a line.";
      throw new ModelyardError("stream-interrupted", message, { cause });
    }
    throw new ModelyardError(
      "invalid-response",
      `A line of the answer is no JSON: ${quote(line)}.`,
      { cause, remedy: "Check that baseUrl is the address of this kind of API." },
    );
  }
}
