import { formatPath, type Problem } from "../../contract/describe-issues.ts";
import { isVariable } from "../expand-variables.ts";

/** Whoever may change what runs must not read the environment of this process by it: what looks like a variable is named, never expanded. */
export function findVariables(value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof value === "string") {
    if (!isVariable(value)) return [];
    const message =
      "Holds a variable (${…}): the environment is read for the file alone. Give the value.";
    return [{ path: formatPath(path), message }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    findVariables(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
