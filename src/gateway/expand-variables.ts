import { formatPath, type Problem } from "../contract/describe-issues.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}` and `${NAME:-default}` in every string of a value; adds a problem for each that is not set. */
export function expandVariables(
  value: unknown,
  environment: Environment,
  problems: Problem[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === "string") return expand(value, environment, problems, path);
  const inside = (item: unknown, key: PropertyKey) =>
    expandVariables(item, environment, problems, [...path, key]);
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(item, key)]));
}

function expand(
  text: string,
  environment: Environment,
  problems: Problem[],
  path: readonly PropertyKey[],
): string {
  return text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (whole, name: string, fallback: string | undefined) => {
      const found = (Object.hasOwn(environment, name) && environment[name]) || fallback;
      if (found !== undefined) return found;
      problems.push({
        path: formatPath(path),
        message: `The environment variable ${name} is not set, or empty. Set it, or give a default: \${${name}:-…}.`,
      });
      return whole;
    },
  );
}
