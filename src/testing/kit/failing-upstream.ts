import type { AnyCapability } from "../../contract/capability.ts";
import type { Fault } from "../exchange.ts";
import { expect } from "./check.ts";
import { describeValue } from "./describe-value.ts";
import type { Answered, OpenedBackend } from "./open-backend.ts";
import type { Subject } from "./subject.ts";
import { readyWithUpstream } from "./trials.ts";

/** A capability of a backend whose server fails as it is told. */
export interface CapabilityTrial {
  readonly capability: AnyCapability;
  readonly opened: OpenedBackend;
  readonly model: string;
  readonly request: unknown;
  /** What it throws where its server does this. @throws {Failure} where it answers, unless it may; undefined then */
  fail(fault: Fault, options?: { mayAnswer?: boolean }): Promise<unknown>;
}

/** Tries each capability. @throws {Skip} where it asks no server */
export async function eachCapability(
  subject: Subject,
  run: (trial: CapabilityTrial) => Promise<void>,
): Promise<void> {
  for (const capability of subject.capabilities) {
    const { opened, model } = await readyWithUpstream(subject, capability);
    const request = subject.request(capability);
    const fail: CapabilityTrial["fail"] = async (fault, { mayAnswer = false } = {}) => {
      opened.upstreams.use(fault);
      const { answered, thrown } = await opened.tryToAsk(capability, model, request);
      expect(
        mayAnswer || answered === undefined,
        () => `Its server failed, and it answered all the same: ${describeAnswer(answered)}.`,
        { asked: opened.handlerOf(capability) },
      );
      return thrown?.error;
    };
    await run({ capability, opened, model, request, fail });
  }
}

/** An answer in a few words. */
export function describeAnswer(answered: Answered | undefined): string {
  return describeValue(answered?.events.length === 0 ? answered.output : answered?.events);
}
