import { ModelyardError } from "../errors.ts";
import { chunksOf } from "./chunks-of.ts";
import { quote } from "./quote.ts";

/**
 * The values of a stream of JSON lines (`application/x-ndjson`), one after another. Empty lines are skipped.
 * @throws `invalid-response` for a line that is no JSON, or longer than `maxLength`, by default 16 Mi characters; `stream-interrupted` where the last line is cut
 */
export async function* readLines(
  response: Response,
  { maxLength = 16 * 1024 * 1024 }: { maxLength?: number } = {},
): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunksOf(response)) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const line = rest + text.slice(start, end);
      rest = "";
      start = end + 1;
      if (line.trim() !== "") yield parse(line);
    }
    rest += text.slice(start);
    if (rest.length > maxLength) {
      throw new ModelyardError(
        "invalid-response",
        `A line of the answer is longer than ${maxLength} characters.`,
      );
    }
  }
  rest += decoder.decode();
  if (rest.trim() === "") return;
  try {
    yield JSON.parse(rest) as unknown;
  } catch (cause) {
    throw new ModelyardError("stream-interrupted", "The answer broke off in the midst of a line.", {
      cause,
    });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new ModelyardError(
      "invalid-response",
      `A line of the answer is no JSON: ${quote(line)}.`,
      { cause, remedy: "Check that baseUrl is the address of this kind of API." },
    );
  }
}
