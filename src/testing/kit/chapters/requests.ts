import type { ParameterTreatment } from "../../../contract/backend.ts";
import type { AnyCapability } from "../../../contract/capability.ts";
import { isModelyardError } from "../../../contract/errors.ts";
import { expect, Failure, Skip, type Chapter } from "../check.ts";
import { describeThrown, describeValue } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import { parameterSamples, type ParameterSample } from "../parameter-samples.ts";
import { differences, sentValues, type SentValues } from "../sent-difference.ts";
import type { Subject } from "../subject.ts";
import { essenceOf, isSame, readyFor } from "../trials.ts";

/** What becomes of a parameter, as far as it can be seen. */
interface Seen {
  readonly refused: boolean;
  readonly warned: boolean;
  /** What was sent, or the answer, is another than without it. */
  readonly changed: boolean;
  /** Something was sent, so that one can tell. */
  readonly sends: boolean;
}

/** What becomes of what is asked. */
export const requests: Chapter = {
  name: "requests",
  about:
    "Every parameter of a request is honoured, warned of or refused, and the request is left as it is.",
  checks: [
    {
      id: "requests/unchanged",
      level: "silver",
      title: "leaves its request as it is",
      why: "The same request goes to the next target when this one fails: what was changed in it goes along.",
      remedy: "Make a new object of what you send: { ...request, … }.",
      async run(subject) {
        for (const capability of subject.capabilities) {
          const { opened, model } = await readyFor(subject, capability);
          const request = subject.request(capability);
          const before = structuredClone(request);
          await opened.tryToAsk(capability, model, request);
          expect(
            JSON.stringify(request) === JSON.stringify(before),
            () => `It was ${describeValue(before)}, and is ${describeValue(request)}.`,
            { asked: opened.handlerOf(capability) },
          );
        }
      },
    },
    {
      id: "requests/parameters",
      level: "silver",
      title: "drops no parameter in silence",
      why: "Who sets a temperature, a limit or a schema and gets an answer without it is not told that it is another answer.",
      remedy:
        "Send it, or warn(`temperature was ignored`), or throw capability-not-supported. What can't be seen from outside is declared in the definition's parameters.",
      async run(subject) {
        for (const capability of subject.capabilities)
          await expectParametersTold(subject, capability);
      },
    },
    {
      id: "requests/declared",
      level: "silver",
      title: "treats its parameters as its definition declares",
      why: "The table of docs, and people who choose a backend by it, believe the declaration.",
      remedy: "Change what the handler does, or what parameters says of it.",
      async run(subject) {
        const { parameters } = subject.definition;
        if (parameters === undefined)
          throw new Skip("Its definition declares no parameters.", { declared: true });
        for (const capability of subject.capabilities)
          await expectAsDeclared(subject, capability, parameters);
      },
    },
  ],
};

async function expectParametersTold(subject: Subject, capability: AnyCapability): Promise<void> {
  const { opened, model, asked } = await readyFor(subject, capability);
  const trial = await createTrial(subject, opened, capability, model);
  const dropped: string[] = [];
  for (const sample of parameterSamples(capability, subject.definition.type)) {
    if (declaredOf(subject, capability, sample) !== undefined) continue;
    const seen = await trial(sample);
    if (seen !== undefined && !seen.refused && !seen.warned && !seen.changed)
      dropped.push(sample.name);
  }
  expect(
    dropped.length === 0,
    () =>
      `${capability.name}: nothing tells what became of ${dropped.join(", ")}: what was sent and answered was the same, and there was no warning.`,
    { asked },
  );
}

async function expectAsDeclared(
  subject: Subject,
  capability: AnyCapability,
  parameters: NonNullable<Subject["definition"]["parameters"]>,
): Promise<void> {
  const declared = (parameters as Record<string, Record<string, ParameterTreatment> | undefined>)[
    capability.name
  ];
  if (declared === undefined) return;
  const { opened, model, asked } = await readyFor(subject, capability);
  const trial = await createTrial(subject, opened, capability, model);
  const samples = parameterSamples(capability, subject.definition.type);
  for (const sample of samples) {
    const treatment = declared[sample.name];
    if (treatment === undefined) continue;
    const seen = await trial(sample);
    if (seen === undefined) continue;
    expect(
      isAs(treatment, seen),
      `${capability.name}: ${sample.name} is declared as ${treatment}, and was ${inWords(seen)}.`,
      { asked },
    );
  }
}

function inWords({ refused, warned, changed, sends }: Seen): string {
  if (refused) return "refused";
  if (warned) return "warned of";
  if (changed) return "sent";
  return sends ? "dropped: what was sent is the same without it" : "neither seen nor warned of";
}

function isAs(treatment: ParameterTreatment, { refused, warned, changed, sends }: Seen): boolean {
  switch (treatment) {
    case "warned":
      // One of its values may be refused: that is said even louder.
      return warned || refused;
    case "refused":
      return refused;
    case "honoured":
    case "converted":
      // A model that can't may be warned of, and a server may refuse; and what is done to the answer can't always be seen.
      return changed || warned || refused || !sends || treatment === "converted";
  }
}

function declaredOf(
  { definition }: Subject,
  { name }: AnyCapability,
  sample: ParameterSample,
): ParameterTreatment | undefined {
  const parameters = definition.parameters as
    | Record<string, Record<string, ParameterTreatment> | undefined>
    | undefined;
  return parameters?.[name]?.[sample.name];
}

/** One call: what was sent, warned and answered. */
interface Trial {
  readonly sent: SentValues;
  readonly warnings: readonly string[];
  readonly essence: unknown;
  readonly thrown?: { readonly error: unknown };
}

/** Compares a call with a parameter to one without it; undefined where that can't be done. */
async function createTrial(
  subject: Subject,
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
): Promise<(sample: ParameterSample) => Promise<Seen | undefined>> {
  const asked = opened.handlerOf(capability);

  async function run(fields: object): Promise<Trial> {
    const before = opened.upstreams.requests.length;
    const request = subject.request(capability, undefined, fields);
    const { answered, thrown } = await opened.tryToAsk(capability, model, request);
    const sent = sentValues(opened.upstreams.requests.slice(before));
    if (answered === undefined) return { sent, warnings: [], essence: undefined, thrown };
    return { sent, warnings: answered.warnings, essence: essenceOf(capability, answered) };
  }

  /** What differs between two calls that are the same: an id, a time. */
  const bases = [await run({}), await run({})];
  const noise = differences(bases[0]!.sent, bases[1]!.sent);

  return async ({ name, given, beside }) => {
    const without = Object.keys(beside).length === 0 ? bases[0]! : await run(beside);
    // What has to stand beside it is refused already.
    if (without !== bases[0] && without.thrown !== undefined) return undefined;
    const withIt = await run({ ...beside, ...given });
    const error = withIt.thrown?.error;
    if (withIt.thrown !== undefined && !isModelyardError(error))
      throw new Failure(
        `${capability.name} with ${name} = ${describeValue(given[name])} threw ${describeThrown(error)}`,
        { thrown: error, asked },
      );
    const changed = differences(without.sent, withIt.sent).filter((path) => !noise.includes(path));
    const answersOtherwise =
      withIt.thrown === undefined &&
      (without.thrown !== undefined || !isSame(without.essence, withIt.essence));
    return {
      refused: withIt.thrown !== undefined,
      warned: withIt.warnings.some((warning) => !without.warnings.includes(warning)),
      changed: changed.length > 0 || answersOtherwise,
      sends: withIt.sent.size > 0,
    };
  };
}
