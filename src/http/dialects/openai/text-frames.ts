import type { AnyEvent } from "../../../contract/capability.ts";
import type { FinishReason } from "../../../contract/capabilities/generation.ts";
import type { Usage } from "../../../contract/usage.ts";
import type { Frames, Origin, Untold } from "../conversion.ts";
import { refuseCut } from "../refuse-cut.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toUsage } from "./to-usage.ts";

export interface TextFramesOptions {
  /** `chatcmpl-…` */
  readonly id: string;
  /** `chat.completion.chunk` */
  readonly object: string;
  readonly includeUsage: boolean;
  /** Where a choice holds what is new: `"delta":`; what follows is `ofEvent`'s JSON. */
  readonly field: string;
  /** What an event adds, as JSON; empty where it adds nothing. */
  ofEvent(event: AnyEvent): string;
  /** The JSON of nothing new, beside a reason to end. */
  readonly nothing: string;
  readonly origin: Origin;
  untold(): Untold | undefined;
}

/** The chunks of a streamed text. What is the same in all is written once, so that an event costs no more than its own text. */
export function createTextFrames(options: TextFramesOptions): Frames {
  const { id, object, includeUsage, field, ofEvent, nothing, origin, untold } = options;
  const model = `${origin.backend}/${origin.model}`;
  const head = JSON.stringify({ id, object, created: origin.createdAt, model }).slice(0, -1);
  const before = `data: ${head},"choices":[{"index":0,${field}`;
  // Who asked for usage finds the field in every chunk, as OpenAI has it.
  const noUsage = includeUsage ? ',"usage":null' : "";
  const after = `,"logprobs":null,"finish_reason":null}]${noUsage}}\n\n`;

  function finish(reason: FinishReason, usage: Usage): string {
    const { word, warnings } = toFinishReason(reason);
    const rest = untold() ?? {};
    const late = [...(rest.warnings ?? []), ...warnings];
    const told =
      rest.backend === undefined && late.length === 0
        ? ""
        : `,"modelyard":${JSON.stringify({ ...rest, ...(late.length === 0 ? {} : { warnings: late }) })}`;
    const last = `${before}${nothing},"logprobs":null,"finish_reason":"${word}"}]${noUsage}${told}}\n\n`;
    if (!includeUsage) return last;
    const cost = JSON.stringify(toUsage(usage) ?? null);
    return `${last}data: ${head},"choices":[],"usage":${cost}}\n\n`;
  }

  return {
    toFrame(event) {
      if (event.type === "finish") {
        refuseCut(event, origin);
        const { reason, usage } = event as AnyEvent & { reason: FinishReason; usage: Usage };
        return finish(reason, usage);
      }
      const json = ofEvent(event);
      return json === "" ? "" : before + json + after;
    },
    end: "data: [DONE]\n\n",
  };
}
