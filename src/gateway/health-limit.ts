import { timeLimit } from "../contract/abort.ts";

/** How long a backend may take to say how it is: the reason of the abort is the reason that it is not well. */
export function healthLimit(limitMs: number): AbortSignal {
  return timeLimit(
    limitMs,
    `It did not answer within ${limitMs / 1_000} s.`,
    "Check that its address is the right one, and that what listens there answers.",
  );
}
