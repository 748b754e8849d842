import { inOrder, isStream } from "../answer.ts";
import type { Fault } from "../exchange.ts";
import { sendAnswer, wholeBody } from "../send-answer.ts";

/** Answers that are good by HTTP and as JSON, and of another shape than was agreed: as of another API, or of a later version. */
export const otherShapes: Readonly<Record<string, Fault>> = {
  "had its fields under other names": reshaped((name, value) => [`other_${name}`, value]),
  // A field that is empty may well be an error that there is none.
  "had other things in its fields": reshaped((name, value) => [name, value && { other: true }]),
};

type Change = (name: string, value: unknown) => readonly [string, unknown];

function reshaped(change: Change): Fault {
  return async (exchange) => {
    const answer = await exchange.answer();
    const text = (await wholeBody(answer)).toString();
    // Of a stream each line may be a value, or the data of an event.
    const pieces = isStream(answer) ? text.split(/(?<=\n)/) : [text];
    const changed = pieces.map((piece) => {
      const [, begin = "", json = ""] = /^((?:data: ?)?)([^]*)$/.exec(piece)!;
      return begin + reshape(json, change);
    });
    await sendAnswer(exchange, { ...answer, parts: inOrder([Buffer.from(changed.join(""))]) });
  };
}

/** Each of its fields changed; as it is where it is no JSON. */
function reshape(json: string, change: Change): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return json;
  }
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  const fields = isPlain ? Object.entries(value as object) : [["value", value] as const];
  const changed = Object.fromEntries(fields.map(([name, each]) => change(name, each)));
  return JSON.stringify(changed) + (json.endsWith("\n") ? "\n" : "");
}
