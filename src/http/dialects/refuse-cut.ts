import type { AnyEvent } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Origin } from "./conversion.ts";

/**
 * A stream that its total deadline has cut does not end as if it were whole.
 * @throws ModelyardError `timeout`
 */
export function refuseCut(event: AnyEvent, { backend, model }: Origin): void {
  if (event.type !== "finish" || (event as { reason?: unknown }).reason !== "timeout") return;
  throw new ModelyardError("timeout", "The deadline passed in mid-answer.", {
    backend,
    model,
    remedy: "Allow more time, or ask for fewer tokens.",
  });
}
