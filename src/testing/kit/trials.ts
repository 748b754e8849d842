import type { AnyCapability } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { Failure, Skip } from "./check.ts";
import type { Answered, OpenedBackend } from "./open-backend.ts";
import type { OpenOptions, Subject } from "./subject.ts";
import { within } from "./within.ts";

/** What checks do again and again. */

/** The capability that stands for all where one is enough: the first that streams, else the first. @throws {Skip} where there is none */
export function anyCapability({ capabilities, streaming }: Subject): AnyCapability {
  const [first] = [...streaming, ...capabilities];
  if (first === undefined) throw new Skip("It has no handler of a known capability.");
  return first;
}

/** A backend that has been started, with the model that serves a capability and the handler that is asked. */
export async function readyFor(
  subject: Subject,
  capability: AnyCapability,
): Promise<{ opened: OpenedBackend; model: string; asked: unknown }> {
  const model = await subject.modelFor(capability);
  const opened = subject.open();
  await opened.ready(model);
  return { opened, model, asked: opened.handlerOf(capability) };
}

/** What a backend of its own answers to the usual request, and the handler that did. */
export async function askOnce(
  subject: Subject,
  capability: AnyCapability,
): Promise<Answered & { readonly asked: unknown }> {
  const { opened, model, asked } = await readyFor(subject, capability);
  return { ...(await opened.ask(capability, model, subject.request(capability))), asked };
}

/** Waits until work ends, well or not. @throws {Failure} where it does not in time */
export async function outcomeWithin<Value>(
  work: Promise<Value>,
  limitMs: number,
  what: string,
  asked?: unknown,
): Promise<{ value: Value; error?: undefined } | { value?: undefined; error: unknown }> {
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const outcome = await within(settled, limitMs, what, asked);
  if ("error" in outcome && outcome.error instanceof Failure) throw outcome.error;
  return outcome as { value: Value };
}

/** An answer's text; undefined of a capability that gives none. */
export function textOfAnswer(capability: AnyCapability, { events }: Answered): string | undefined {
  if (capability.event === undefined || capability.text.ofEvent === undefined) return undefined;
  return events.map((event) => capability.text.ofEvent!(event as never) ?? "").join("");
}

/** An answer as its caller gets it, without what it cost and how the upstream put it: what two answers to one request share. */
export function essenceOf(capability: AnyCapability, answered: Answered): unknown {
  if (capability.event !== undefined) return textOfAnswer(capability, answered);
  const { usage: _, ...rest } = Object(answered.output) as { usage?: unknown };
  return rest;
}

/** Whether two answers say the same: numbers may differ in their last digits. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= 1e-4;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isSame(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** What it answers to a request when it is asked twice, one after the other. @throws {Skip} where the two differ */
export async function steadyAnswer(
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
  request: unknown,
): Promise<unknown> {
  const first = essenceOf(capability, await opened.ask(capability, model, request));
  const second = essenceOf(capability, await opened.ask(capability, model, request));
  if (!isSame(first, second))
    throw new Skip(`The same ${capability.name} request is answered differently each time.`, {
      declared: true,
    });
  return first;
}

/** Asks once, of a check that is about something else. @throws {Skip} where no answer comes: the checks of its capability say why */
export async function askFirst(
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
  request: unknown,
): Promise<void> {
  try {
    await opened.ask(capability, model, request);
  } catch {
    throw new Skip("It does not answer.", { declared: true }); // told of where answers are checked
  }
}

/** A signal, and its abort as the gateway does it. */
export function abortable(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => controller.abort(new ModelyardError("cancelled", "The caller stopped reading.")),
  };
}

/**
 * A backend that has been started, and that asks a server for this capability.
 * @throws {Skip} where it asks none
 */
export async function readyWithUpstream(
  subject: Subject,
  capability: AnyCapability,
  options: OpenOptions = {},
): Promise<{ opened: OpenedBackend; model: string }> {
  const model = await subject.modelFor(capability);
  const opened = subject.open(options);
  await opened.ready(model);
  const before = opened.upstreams.requests.length;
  await opened.tryToAsk(capability, model, subject.request(capability));
  if (opened.upstreams.requests.length === before)
    throw new Skip("It asks no server by the fetch that it is given, so that none can fail.", {
      declared: subject.sendsNothing,
    });
  return { opened, model };
}
