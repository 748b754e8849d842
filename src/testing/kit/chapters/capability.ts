import type { AnyCapability, AnyEvent } from "../../../contract/capability.ts";
import { validate } from "../../../contract/validate.ts";
import type { Schema } from "../../../contract/schema.ts";
import { expect, Failure, type Chapter, type Check } from "../check.ts";
import { describeThrown, describeValue } from "../describe-value.ts";
import type { Answered } from "../open-backend.ts";
import { askOnce, isSame, readyFor, steadyAnswer, essenceOf, textOfAnswer } from "../trials.ts";
import { usageChecks } from "./usage.ts";
import { ownChecks } from "./own-checks.ts";

/** The chapter of a capability, made from what it says of itself: of those that are built in, and of a plugin's own. */
export function capabilityChapter(capability: AnyCapability): Chapter {
  const { name, description } = capability;
  return {
    name,
    about: `${description} What its handler gives is what the capability says.`,
    checks: [
      ...(capability.event === undefined ? plainChecks(capability) : eventChecks(capability)),
      resultCheck(capability),
      ...usageChecks(capability),
      ...(ownChecks[name]?.(capability) ?? fitChecks(capability)),
    ],
  };
}

function eventChecks(capability: AnyCapability): Check[] {
  const { name } = capability;
  return [
    {
      id: `${name}/answers`,
      level: "bronze",
      title: "gives events, and ends",
      why: "Without an event nobody gets an answer; without an end nobody's call returns.",
      remedy: "Yield the answer's pieces as they come, then a finish event, and return.",
      async run(subject) {
        const { asked, ...answered } = await askOnce(subject, capability);
        expect(answered.events.length > 0, "It ended without a single event.", { asked });
        const text = textOfAnswer(capability, answered);
        const saysNothing = text === "" && !answered.events.some(isOther);
        expect(!saysNothing, "Its answer holds no text.", { asked });
      },
    },
    {
      id: `${name}/events`,
      level: "bronze",
      title: "each event is one that the capability knows",
      why: "Faces translate events by their type and fields: an unknown one is lost, or breaks the answer.",
      remedy: `Yield what the event schema of ${name} allows; TypeScript tells where the types are declared.`,
      async run(subject) {
        const { asked, events } = await askOnce(subject, capability);
        for (const event of events) expectValid(capability.event!, event, "event", asked);
      },
    },
    {
      id: `${name}/one-finish`,
      level: "bronze",
      title: "ends with one finish, and nothing after it",
      why: "An answer without it counts as cut off; what follows it reaches nobody.",
      remedy: 'Yield { type: "finish", … } once, as the last thing.',
      async run(subject) {
        const { asked, events } = await askOnce(subject, capability);
        const at = events.findIndex(({ type }) => type === "finish");
        expect(at >= 0, () => `No finish among ${events.length} events: ${typesOf(events)}.`, {
          asked,
        });
        expect(
          at === events.length - 1,
          () => `After finish it went on: ${typesOf(events.slice(at + 1))}.`,
          { asked },
        );
      },
    },
    {
      id: `${name}/same-unstreamed`,
      level: "silver",
      title: "says the same, streamed or not",
      why: "Whether a caller watches the answer being written must not change it.",
      remedy: "Build both ways from the same events; stream tells only whether anybody watches.",
      async run(subject) {
        const { opened, model, asked } = await readyFor(subject, capability);
        const request = subject.request(capability);
        const streamed = await steadyAnswer(opened, capability, model, request);
        const whole = essenceOf(
          capability,
          await opened.ask(capability, model, request, { stream: false }),
        );
        expect(
          isSame(streamed, whole),
          () => `Streamed: ${describeValue(streamed)}; not streamed: ${describeValue(whole)}.`,
          { asked },
        );
      },
    },
  ];
}

function plainChecks(capability: AnyCapability): Check[] {
  const { name } = capability;
  return [
    {
      id: `${name}/answers`,
      level: "bronze",
      title: "gives what the capability promises",
      why: "Callers read the fields that the capability names.",
      remedy: `Return what the output schema of ${name} allows.`,
      async run(subject) {
        const { asked, output } = await askOnce(subject, capability);
        if (capability.event === undefined) expectValid(capability.output, output, "output", asked);
      },
    },
    {
      id: `${name}/steady`,
      level: "silver",
      title: "answers the same request alike, asked again",
      why: "What is computed once is compared with what is computed later.",
      remedy: "Let nothing of one call stay behind for the next.",
      async run(subject) {
        const { opened, model } = await readyFor(subject, capability);
        await steadyAnswer(opened, capability, model, subject.request(capability));
      },
    },
  ];
}

/** What a capability without checks of its own says about its answers. */
function fitChecks(capability: AnyCapability): Check[] {
  if (capability.event !== undefined || capability.misfit === undefined) return [];
  const { name, misfit } = capability;
  return [
    {
      id: `${name}/fits`,
      level: "bronze",
      title: "answers what it was asked, all of it",
      why: "A part of an answer that is taken for the whole is noticed by nobody.",
      remedy: "Give one answer for each thing that the request names, and for nothing else.",
      async run(subject) {
        const { asked, output } = await askOnce(subject, capability);
        const problem = misfit.call(capability, output, subject.request(capability));
        expect(problem === undefined, () => `It gave ${problem}.`, { asked });
      },
    },
  ];
}

function resultCheck(capability: AnyCapability): Check {
  const { name } = capability;
  return {
    id: `${name}/result`,
    level: "bronze",
    title: "its answer makes a valid result",
    why: "MCP, HTTP and the library hand the result to programs that rely on its shape.",
    remedy: "See which field is wrong; its schema says what it may be.",
    async run(subject) {
      const { asked, ...answered } = await askOnce(subject, capability);
      expectValid(capability.result, collected(capability, answered, asked), "result", asked);
    },
  };
}

function collected(capability: AnyCapability, answered: Answered, asked: unknown): unknown {
  try {
    return capability.event === undefined
      ? capability.collect(answered.output as never)
      : capability.collect(answered.events as never);
  } catch (error) {
    throw new Failure(`No result can be made of its answer: ${describeThrown(error)}`, { asked });
  }
}

/** @throws {Failure} with each problem */
export function expectValid(
  schema: Schema<unknown, unknown>,
  value: unknown,
  what: string,
  asked: unknown,
): void {
  try {
    validate(schema, value, { what, code: "invalid-response" });
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(`${message} It gave ${describeValue(value)}.`, { asked });
  }
}

function typesOf(events: readonly AnyEvent[]): string {
  const types = events.slice(0, 5).map((event) => describeValue(event?.type ?? event));
  return `${types.join(", ")}${events.length > 5 ? ", …" : ""}`;
}

/** Whether an event says something that is no text. */
function isOther({ type }: AnyEvent): boolean {
  return type !== "finish" && type !== "text-delta";
}
