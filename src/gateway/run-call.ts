import { randomUUID } from "node:crypto";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { narrowestOf } from "../contract/http/privacy-class.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Progress } from "../contract/progress.ts";
import { validate } from "../contract/validate.ts";
import type { Next, Reply } from "../pipeline/call.ts";
import { createStory } from "../pipeline/story.ts";
import type { AnswerOrigin, CallOptions } from "./api.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import { checkCaller } from "./check-caller.ts";
import { resolveInTime } from "./resolve-in-time.ts";
import type { Snapshot } from "./snapshot.ts";

export interface CallRunnerOptions {
  readonly capabilities: ReadonlyMap<string, AnyCapability>;
  /** What is configured now. */
  readonly current: () => Snapshot;
  readonly pipeline: Next;
  readonly underWay: CallsUnderWay;
  readonly teller: (listener: CallOptions["onProgress"]) => (event: Progress) => void;
}

/** Checks a request, resolves its name, and sends it down the pipeline. */
export type CallRunner = (
  capability: string,
  input: unknown,
  stream: boolean,
  options: CallOptions,
) => Promise<{ origin: Omit<AnswerOrigin, "target">; reply: Reply }>;

export function createCallRunner(options: CallRunnerOptions): CallRunner {
  const { capabilities, current, pipeline, underWay, teller } = options;

  return async (name, input, stream, options) => {
    const { controller, leave } = underWay.enter(options.signal);
    try {
      // Whatever is configured anew from here on is for later calls.
      const { configuration, names } = current();
      const capability = capabilityOf(capabilities, name, stream);
      const { model, caller } = options;
      if (model !== undefined) checkCaller(caller, model);
      const request =
        capability.shortcut?.(input) ??
        validate(capability.request, input, { what: `${name} request` });
      const { id = randomUUID() } = options;
      const wanted = checkedTimeout(options.timeoutMs);
      const privacy = narrowestOf([
        configuration.privacy.allow,
        options.privacy ?? "remote",
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
      const warnings: string[] = [];
      const story = createStory();
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
      reply.onEnd(leave);
      return { origin: { id, attempts: story.attempts, warnings }, reply };
    } catch (error) {
      leave();
      throw error;
    }
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
    throw new ModelyardError("invalid-request", message);
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
