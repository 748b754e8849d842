import { formatPath, type Problem } from "../contract/describe-issues.ts";
import { fieldsOf } from "./fields-of.ts";

/** What users' configurations may hold one day: refused by name, never ignored. */
export const laterKeys = {
  backend: ["isolate"],
} as const;

const message = "Not yet supported in this version.";

/** The problems of a configuration that is right, but ahead of its time. */
export function findLaterKeys(configuration: unknown): Problem[] {
  const { backends } = fieldsOf(configuration);
  return Object.entries(fieldsOf(backends)).flatMap(([name, backend]) =>
    look(backend, "backend", ["backends", name]),
  );
}

function look(value: unknown, kind: keyof typeof laterKeys, path: readonly PropertyKey[]) {
  const fields = fieldsOf(value);
  return laterKeys[kind]
    .filter((key) => key in fields)
    .map((key): Problem => ({ path: formatPath([...path, key]), message }));
}
