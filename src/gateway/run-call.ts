import { randomUUID } from "node:crypto";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import {
  isPrivacyClass,
  narrowestOf,
  privacyClassRule,
  type PrivacyClass,
} from "../contract/http/privacy-class.ts";
import { checkSize } from "../contract/check-size.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Progress } from "../contract/progress.ts";
import { validate } from "../contract/validate.ts";
import type { Next, Release } from "../pipeline/call.ts";
import { createStory, type Story } from "../pipeline/story.ts";
import type { Trace, TraceListener } from "../pipeline/trace.ts";
import type { CallOptions, CollectedAnswer, FaceCallOptions, StreamedAnswer } from "./api.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import { checkCaller } from "./check-caller.ts";
import type { ResolvedTarget } from "./resolved.ts";
import { resolveInTime } from "./resolve-in-time.ts";
import type { Snapshot } from "./snapshot.ts";

export interface CallRunnerOptions {
  readonly capabilities: ReadonlyMap<string, AnyCapability>;
  /** What is configured now. */
  readonly current: () => Snapshot;
  readonly pipeline: Next;
  /** Hears of a call that was refused before it went down the pipeline, which tells of all others. */
  readonly onRefused: TraceListener;
  readonly underWay: CallsUnderWay;
  readonly teller: (listener: CallOptions["onProgress"]) => (event: Progress) => void;
}

/** Checks a request, resolves its name, and sends it down the pipeline. */
export type CallRunner = (
  capability: string,
  input: unknown,
  stream: boolean,
  options: FaceCallOptions,
) => Promise<CollectedAnswer | StreamedAnswer>;

export function createCallRunner(options: CallRunnerOptions): CallRunner {
  const { capabilities, current, pipeline, onRefused, underWay, teller } = options;

  return async (name, input, stream, options) => {
    const { id = randomUUID() } = options;
    const story = createStory();
    const { controller, leave } = underWay.enter(options);
    let letGo: Release | undefined;
    try {
      // Whatever is configured anew from here on is for later calls.
      const { configuration, names } = current();
      const capability = capabilityOf(capabilities, name, stream);
      const { model, caller } = options;
      if (model !== undefined) {
        checkName(model);
        checkCaller(caller, model);
      }
      const request = capability.shortcut?.(input) ?? validated(capability, input);
      const wanted = checkedTimeout(options.timeoutMs);
      const privacy = narrowestOf([
        configuration.privacy.allow,
        checkedPrivacy(options.privacy),
        caller?.privacy ?? "remote",
      ]);
      const found = names.resolve(model, capability, privacy);
      const { resolved, timeoutMs } =
        found instanceof Promise
          ? await resolveInTime(found, controller, wanted)
          : { resolved: found, timeoutMs: wanted };
      if (model === undefined) checkCaller(caller, resolved.name);
      const { targets, routing } = resolved;
      const { target, backend } = targets[0]!;
      letGo = holdAll(targets);
      const warnings: string[] = [];
      const reply = await pipeline({
        id,
        capability,
        request,
        requested: model,
        target,
        backend,
        candidates: targets,
        routing,
        privacy: narrowestOf([privacy, resolved.privacy ?? "remote"]),
        caller: caller?.name,
        story,
        stream,
        warnings,
        timeoutMs: shorter(timeoutMs, resolved.timeoutMs),
        timeouts: resolved.timeouts,
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        progress: teller(options.onProgress),
      });
      reply.onEnd(letGo);
      reply.onEnd(leave);
      const origin = { id, target: reply.target, attempts: story.attempts, warnings };
      const { events, result } = reply;
      return events === undefined ? { ...origin, result } : { ...origin, events };
    } catch (error) {
      letGo?.();
      leave();
      if (letGo === undefined) onRefused(toRefusal({ id, name, stream, options, story, error }));
      throw error;
    }
  };
}

function validated({ name, request }: AnyCapability, input: unknown): unknown {
  checkSize(input);
  return validate(request, input, { what: `${name} request` });
}

/** Whatever is configured meanwhile, these stay until the call has ended: it may have to try one again, or another one. */
function holdAll(targets: readonly ResolvedTarget[]): Release {
  const leaves = targets.map(({ backend }) => backend.lifecycle.enter());
  return () => leaves.forEach((leave) => leave());
}

/** Messages and stories repeat it, and a thousand stories are kept. */
const longestName = 1_000;

/** @throws ModelyardError `invalid-request` */
function checkName(model: string): void {
  if (model.length <= longestName) return;
  const message = `model: A name has at most ${longestName} characters.`;
  throw new ModelyardError("invalid-request", message, { details: { param: "model" } });
}

/** A copy: a mere slice would keep the whole name that it is cut from in memory. */
function clip(model: string): string {
  return model.length <= longestName ? model : structuredClone(model.slice(0, longestName));
}

interface Refused {
  readonly id: string;
  /** The capability's. */
  readonly name: string;
  readonly stream: boolean;
  readonly options: CallOptions;
  readonly story: Story;
  readonly error: unknown;
}

function toRefusal({ id, name, stream, options, story, error }: Refused): Trace {
  const { model, caller } = options;
  const { code, message } = toModelyardError(error, "internal");
  const endedMs = story.elapsedMs();
  return {
    id,
    capability: name,
    ...(model === undefined ? {} : { requested: clip(model) }),
    stream,
    ...(caller === undefined ? {} : { caller: caller.name }),
    outcome: code,
    reason: message,
    startedAt: Date.now() - Math.round(endedMs),
    endedMs,
    attempts: 0,
    steps: [],
  };
}

function capabilityOf(
  capabilities: ReadonlyMap<string, AnyCapability>,
  name: string,
  stream: boolean,
): AnyCapability {
  const capability = capabilities.get(name);
  if (capability !== undefined) {
    if (!stream || capability.event !== undefined) return capability;
    const message = `${name} answers at once and can't be streamed.`;
    throw new ModelyardError("invalid-request", message, { details: { param: "stream" } });
  }
  throw new ModelyardError(
    "invalid-request",
    `There is no capability ${JSON.stringify(name)}.${didYouMean(name, capabilities.keys())}`,
  );
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function checkedTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs > 0) return timeoutMs;
  throw new ModelyardError("invalid-request", `timeoutMs must be above 0, found ${timeoutMs}.`);
}

/** Not every program is typed, and what is no class must not be taken for one. */
function checkedPrivacy(privacy: PrivacyClass = "remote"): PrivacyClass {
  if (isPrivacyClass(privacy)) return privacy;
  const message = `privacy: ${privacyClassRule} Found ${JSON.stringify(privacy)}.`;
  throw new ModelyardError("invalid-request", message);
}
