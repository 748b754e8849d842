import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Candidate, Routing, Timeouts } from "../pipeline/call.ts";
import type { RunningBackend } from "./running-backend.ts";

export interface ResolvedTarget extends Candidate {
  readonly backend: RunningBackend;
}

/** Where a name leads, and how a call under it is carried there. */
export interface Resolved {
  /** What was found: an alias, or `backend/model`. */
  readonly name: string;
  /** The preferred first; never none. */
  readonly targets: readonly ResolvedTarget[];
  readonly routing: Routing;
  /** How far the alias lets a prompt travel. */
  readonly privacy?: PrivacyClass | undefined;
  /** The alias's first target is one that has yet to be found running. */
  readonly lacksFirst?: boolean;
  /** The alias's limit on the whole call, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** The alias's limits on a try. */
  readonly timeouts?: Timeouts | undefined;
}

/** A single target has nothing to choose. */
const noChoice: Routing = { strategy: "ordered", allowWider: false, fallbackOn: [] };

/** `backend/model`, which leads to this one target. */
export function onlyTarget(target: ResolvedTarget): Resolved {
  const { backend, model } = target.target;
  return { name: `${backend}/${model}`, targets: [target], routing: noChoice };
}
