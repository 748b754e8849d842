import { inOrder } from "../../src/testing/answer.ts";
import type { Fault } from "../../src/testing/exchange.ts";
import { sendAnswer } from "../../src/testing/send-answer.ts";

/** A chunk's choice: `delta`, and what stands beside it. */
type Choice = { readonly delta: object } & Readonly<Record<string, unknown>>;

/** Makes the upstream stream just this, and end for a reason. */
export function saying(choices: readonly Choice[], finishReason = "stop"): Fault {
  const ended = [...choices, { delta: {}, finish_reason: finishReason }];
  const events = ended.map((choice) =>
    JSON.stringify({
      id: "said",
      object: "chat.completion.chunk",
      created: 0,
      model: "chaos",
      choices: [{ index: 0, finish_reason: null, ...choice }],
    }),
  );
  return (exchange) =>
    sendAnswer(exchange, {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      parts: inOrder([...events, "[DONE]"].map((data) => Buffer.from(`data: ${data}\n\n`))),
    });
}

/** Makes the upstream say a text. */
export function sayingText(text: string): Fault {
  return saying([{ delta: { content: text } }]);
}

/** Makes the upstream call tools, all at once: each with its name and arguments. */
export function calling(...calls: readonly [name: string, input: object][]): Fault {
  const written = calls.map(([name, input], index) => ({
    index,
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  return saying([{ delta: { tool_calls: written } }], "tool_calls");
}
