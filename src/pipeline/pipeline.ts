import { compose } from "./compose.ts";
import { deadline } from "./deadline.ts";
import { execute } from "./execute.ts";
import { limit } from "./limit.ts";
import { prepare } from "./prepare.ts";
import { timeout } from "./timeout.ts";
import { trace, type TraceListener } from "./trace.ts";

/** What happens to a call, outermost first. */
export function createPipeline({ onTrace }: { onTrace?: TraceListener } = {}) {
  return compose(
    [
      trace(onTrace), // times and outcome
      deadline, // the call's own limit on everything
      prepare, // start, pull and load; holds the model in memory until the answer ends
      limit(), // a backend's places, and its queue
      timeout, // first token, between tokens, one try in all
    ],
    execute,
  );
}
