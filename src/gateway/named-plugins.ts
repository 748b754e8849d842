import { expandVariables, isVariable, type Environment } from "./expand-variables.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

/** The plugins that a configuration names, before it is parsed: what they bring, it is parsed with. What is malformed is passed over; parsing tells of it. */
export function namedPlugins(written: unknown, environment: Environment = process.env): string[] {
  const named = expandVariables(listOf(fieldsOf(written)["plugins"]), {
    environment,
    problems: [],
    literals: new Map(),
  });
  return listOf(named).filter(
    (name): name is string => typeof name === "string" && name !== "" && !isVariable(name),
  );
}
