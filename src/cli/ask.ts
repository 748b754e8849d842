import { randomUUID } from "node:crypto";
import type { AnyCapability, AnyEvent } from "../contract/capability.ts";
import type { AnswerOrigin, CallOptions } from "../gateway/api.ts";
import type { CommandContext } from "./command-context.ts";
import { describeStory } from "./describe-story.ts";
import { printable } from "./terminal/printable.ts";
import { paint } from "./terminal/terminal.ts";

/** One call of a command. */
export interface Question extends Pick<CallOptions, "model" | "privacy"> {
  capability: AnyCapability;
  request: unknown;
  signal: AbortSignal;
}

/** Makes one call and writes its answer: as it comes where it comes in pieces, or whole as JSON. Gives the result. With `--explain` it tells the way that the call took, of one that failed too. */
export async function ask(context: CommandContext, question: Question): Promise<unknown> {
  if (context.options.explain !== true) return askOnly(context, question, undefined);
  const id = randomUUID();
  try {
    return await askOnly(context, question, id);
  } finally {
    const trace = context.gateway.explain(id);
    const lines = trace === undefined ? ["No target was asked."] : describeStory(trace);
    for (const line of lines) context.note(printable(line));
  }
}

async function askOnly(
  context: CommandContext,
  question: Question,
  id: string | undefined,
): Promise<unknown> {
  const { capability, request, model, privacy, signal } = question;
  const { gateway } = context;
  // A file or a program gets what the model wrote.
  const shown = (text: string) => (context.terminal.output.isTTY === true ? printable(text) : text);
  const options = { id, model, privacy, signal, onProgress: context.progress.update };
  context.progress.begin("Waiting for the answer");
  if (context.options.json === true || capability.event === undefined) {
    const answer = await gateway.call(capability.name, request, options);
    await context.print(withOrigin(answer.result, answer), () =>
      shown(capability.text.ofResult(answer.result)),
    );
    tellWarnings(context, answer);
    return answer.result;
  }
  const answer = await gateway.stream(capability.name, request, options);
  const events: AnyEvent[] = [];
  let written = "";
  let spoken = false;
  try {
    for await (const event of answer.events) {
      events.push(event);
      const text = capability.text.ofEvent?.(event);
      if (text !== undefined) {
        await context.answer(shown(text));
        if (text !== "") written = text;
        spoken ||= text.trim() !== "";
      } else tellAside(context, event);
    }
  } finally {
    context.progress.clear();
    if (written !== "" && !written.endsWith("\n")) await context.answer("\n");
  }
  const result: unknown = capability.collect(events);
  // What no event says as text, a call of a tool for one, the whole may.
  if (!spoken) {
    const whole = capability.text.ofResult(result);
    if (whole.trim() !== "") await context.answer(`${shown(whole)}\n`);
  }
  tellEnd(context, result);
  tellWarnings(context, answer);
  return result;
}

/** A result with what every answer says of itself, as `--json` prints it. */
export function withOrigin(result: unknown, { target, warnings }: AnswerOrigin): unknown {
  return {
    ...(result as object),
    model: target.model,
    backend: target.backend,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function tellWarnings(context: CommandContext, { warnings }: AnswerOrigin): void {
  for (const warning of warnings) context.warn(warning);
}

/** A model's reasoning is no part of its answer, and is shown to a person only. */
function tellAside({ terminal: { errors } }: CommandContext, event: AnyEvent): void {
  if (event.type !== "reasoning-delta" || errors.isTTY !== true) return;
  errors.write(paint(errors, "dim", printable((event as AnyEvent & { text: string }).text)));
}

const earlyEnds: Readonly<Record<string, string>> = {
  length: "The answer was cut off: it reached its limit of tokens.",
  timeout: "The answer was cut off: its time was up.",
  "content-filter": "The answer was cut off by the backend's content filter.",
};

function tellEnd(context: CommandContext, result: unknown): void {
  const { finishReason } = result as { finishReason?: string };
  const sentence = earlyEnds[finishReason ?? ""];
  if (sentence !== undefined) context.warn(sentence);
}
