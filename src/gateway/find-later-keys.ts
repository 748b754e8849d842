import { formatPath, type Problem } from "../contract/describe-issues.ts";
import { fieldsOf, listOf } from "./fields-of.ts";

/** What users' configurations may hold one day: refused by name, never ignored. */
export const laterKeys = {
  root: ["plugins"],
  backend: ["isolate"],
  model: ["backend_type", "backendType", "config", "capabilities"],
} as const;

const message = "Not yet supported in this version.";

/** The problems of a configuration that is right, but ahead of its time. */
export function findLaterKeys(configuration: unknown): Problem[] {
  if (isBareModels(configuration)) {
    return [
      {
        path: "",
        message: `A file of models alone (backend_type, config) is not yet supported in this version.`,
      },
    ];
  }
  const { backends, models } = fieldsOf(configuration);
  return [
    ...look(configuration, "root", []),
    ...Object.entries(fieldsOf(backends)).flatMap(([name, backend]) =>
      look(backend, "backend", ["backends", name]),
    ),
    ...listOf(models).flatMap((model, index) => look(model, "model", ["models", index])),
  ];
}

function look(value: unknown, kind: keyof typeof laterKeys, path: readonly PropertyKey[]) {
  const fields = fieldsOf(value);
  return laterKeys[kind]
    .filter((key) => key in fields)
    .map((key): Problem => ({ path: formatPath([...path, key]), message }));
}

/** The form that is complete by itself: a list of models, or one. */
function isBareModels(configuration: unknown): boolean {
  const [first = configuration] = listOf(configuration);
  return "backend_type" in fieldsOf(first) || "backendType" in fieldsOf(first);
}
