import { ModelyardError } from "../errors.ts";
import { createLineSplitter } from "../split-lines.ts";
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
  const split = createLineSplitter(maxLength);
  for await (const chunk of chunksOf(response)) {
    for (const line of split(decoder.decode(chunk, { stream: true })))
      if (line.trim() !== "") yield parse(line);
  }
  const [rest = ""] = split(`${decoder.decode()}\n`);
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
