import type { AnyEvent } from "../../../contract/capability.ts";
import type { FinishReason } from "../../../contract/capabilities/generation.ts";
import { sumUsage, type Usage } from "../../../contract/usage.ts";
import type { Frames, Origin, Untold } from "../conversion.ts";
import { refuseCut } from "../refuse-cut.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toUsage } from "./to-usage.ts";

export interface TextFramesOptions {
  /** `chatcmpl-…` */
  readonly id: string;
  /** `chat.completion.chunk` */
  readonly object: string;
  /** How many answers are written side by side. */
  readonly choices: number;
  readonly includeUsage: boolean;
  /** Where a choice holds what is new: `"delta":`; what follows is `ofEvent`'s JSON. */
  readonly field: string;
  /** What an event adds, as JSON; empty where it adds nothing. */
  ofEvent(event: AnyEvent, choice: number): string;
  /** How likely the tokens of an event are, as JSON; `null` where it does not say. */
  logprobsOf(event: AnyEvent, choice: number): string;
  /** The JSON of nothing new, beside a reason to end. */
  readonly nothing: string;
  readonly origin: Origin;
  untold(): Untold | undefined;
}

/** The chunks of streamed texts. What is the same in all is written once, so that an event costs no more than its own text. */
export function createTextFrames(options: TextFramesOptions): Frames {
  const { id, object, choices, includeUsage, field, nothing, origin, untold } = options;
  const { ofEvent, logprobsOf } = options;
  const model = `${origin.backend}/${origin.model}`;
  const head = JSON.stringify({ id, object, created: origin.createdAt, model }).slice(0, -1);
  const before = Array.from(
    { length: choices },
    (_, index) => `data: ${head},"choices":[{"index":${index},${field}`,
  );
  // Who asked for usage finds the field in every chunk, as OpenAI has it.
  const noUsage = includeUsage ? ',"usage":null' : "";
  const after = `,"finish_reason":null}]${noUsage}}\n\n`;
  const costs: Usage[] = [];

  function finish(reason: FinishReason, choice: number): string {
    const isLast = costs.length === choices;
    const { word, warnings } = toFinishReason(reason);
    const rest = (isLast ? untold() : undefined) ?? {};
    const late = [...(rest.warnings ?? []), ...warnings];
    const told =
      rest.backend === undefined && late.length === 0
        ? ""
        : `,"modelyard":${JSON.stringify({ ...rest, ...(late.length === 0 ? {} : { warnings: late }) })}`;
    const last = `${before[choice]}${nothing},"logprobs":null,"finish_reason":"${word}"}]${noUsage}${told}}\n\n`;
    if (!includeUsage || !isLast) return last;
    const cost = JSON.stringify(toUsage(sumUsage(costs)) ?? null);
    return `${last}data: ${head},"choices":[],"usage":${cost}}\n\n`;
  }

  return {
    toFrame(event, choice) {
      if (event.type === "finish") {
        refuseCut(event, origin);
        const { reason, usage } = event as AnyEvent & { reason: FinishReason; usage: Usage };
        costs.push(usage);
        return finish(reason, choice);
      }
      const json = ofEvent(event, choice);
      if (json === "") return "";
      return `${before[choice]}${json},"logprobs":${logprobsOf(event, choice)}${after}`;
    },
    end: "data: [DONE]\n\n",
  };
}
