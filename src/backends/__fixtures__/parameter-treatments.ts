import type {
  AnyBackendDefinition,
  Backend,
  CallContext,
  Capability,
  ParameterTreatment,
} from "../../contract/backend.ts";
import { builtInCapabilities } from "../../contract/capabilities.ts";
import { fieldsAt, type Schema, toJsonSchema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";

/** What a request is about, which is no parameter of it. */
const subjects = ["messages", "prompt", "system", "input"];

/** The parameters that a capability's request may have. */
export function parametersOf(capability: Capability): string[] {
  const definition = builtInCapabilities.find(({ name }) => name === capability)!;
  const fields = fieldsAt(toJsonSchema(definition.request, "input"), []);
  return fields.filter((name) => !subjects.includes(name));
}

/** Each parameter that a definition says something of, with its capability and what becomes of it. */
export function declaredTreatments({
  parameters = {},
}: AnyBackendDefinition): [Capability, string, ParameterTreatment][] {
  return Object.entries(parameters).flatMap(([capability, treatments]) =>
    Object.entries(treatments).map(
      ([name, treatment]): [Capability, string, ParameterTreatment] => [
        capability as Capability,
        name,
        treatment,
      ],
    ),
  );
}

/** What really becomes of a request: `honoured` says only that neither a warning nor an error tells otherwise. */
export async function treatmentOf(
  backend: Backend,
  capability: Capability,
  model: string,
  request: object,
): Promise<"honoured" | "warned" | "refused"> {
  const definition = builtInCapabilities.find(({ name }) => name === capability)!;
  const valid = validate(definition.request as Schema<unknown, unknown>, request, {
    what: "request",
  });
  const warnings: string[] = [];
  const context: CallContext = {
    model,
    signal: new AbortController().signal,
    stream: true,
    fetch,
    warn: (message) => warnings.push(message),
    progress() {},
  };
  const handler = backend.capabilities[capability] as (
    request: unknown,
    context: CallContext,
  ) => AsyncIterable<unknown> | Promise<unknown>;
  try {
    const answer = handler(valid, context);
    if (Symbol.asyncIterator in answer) for await (const _ of answer);
    else await answer;
  } catch (error) {
    if ((error as { code?: unknown }).code === "capability-not-supported") return "refused";
    throw error;
  }
  return warnings.length > 0 ? "warned" : "honoured";
}
