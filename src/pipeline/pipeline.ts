import { attempt } from "./attempt.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { compose } from "./compose.ts";
import { deadline } from "./deadline.ts";
import { execute } from "./execute.ts";
import { fallback } from "./fallback.ts";
import { limit } from "./limit.ts";
import { oneTry } from "./one-try.ts";
import { prepare } from "./prepare.ts";
import { privacy } from "./privacy.ts";
import { retry } from "./retry.ts";
import { timeout } from "./timeout.ts";
import { trace, type TraceListener } from "./trace.ts";

/** What happens to a call, outermost first. */
export function createPipeline({ onTrace }: { onTrace?: TraceListener } = {}) {
  return compose(
    [
      trace(onTrace), // what became of it: times, outcome, cost, the way it took
      deadline, // the call's own limit on everything
      privacy, // leaves the targets that its prompt may travel to
      fallback, // one target after the other, or balanced
      retry, // the same target again; holds no place while it waits
      oneTry([
        circuitBreaker, // leaves a target alone that keeps failing
        attempt, // writes each try down
        prepare, // start, pull and load; holds the model in memory until the answer ends
        limit, // a backend's places, and its queue
        timeout, // first token, between tokens, one try in all
      ]),
    ],
    execute,
  );
}
