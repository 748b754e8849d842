import { formatPath, type Problem } from "../contract/describe-issues.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is read as a number, `true` or `false` where a text does not fit: texts that were one variable and nothing else, by path. */
export type Literals = Map<string, number | boolean>;

export interface Expansion {
  readonly environment: Environment;
  /** One for each variable that is not set, and for each key that can't be. */
  readonly problems: Problem[];
  readonly literals: Literals;
}

/** `${NAME}` and `${NAME:-default}` in every string of a value. */
export function expandVariables(value: unknown, expansion: Expansion): unknown {
  return holdsVariable(value) ? expandInside(value, expansion, []) : value;
}

/** Whether anything is to be done: most of a large configuration has no variable. */
function holdsVariable(value: unknown): boolean {
  if (typeof value === "string") return value.includes("${");
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsVariable);
  for (const key of Object.keys(value))
    if (key === "__proto__" || holdsVariable((value as Record<string, unknown>)[key])) return true;
  return false;
}

function expandInside(value: unknown, expansion: Expansion, path: readonly PropertyKey[]): unknown {
  if (typeof value === "string") return expand(value, expansion, path);
  const inside = (item: unknown, key: PropertyKey) => expandInside(item, expansion, [...path, key]);
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (key !== "__proto__") return [[key, inside(item, key)]];
      expansion.problems.push({ path: formatPath([...path, key]), message: "Can't be a name." });
      return [];
    }),
  );
}

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const loneVariable = new RegExp(`^${variable.source}$`);

/** Whether a text holds what `expandVariables` would read from the environment. */
export function isVariable(text: string): boolean {
  return text.search(variable) !== -1;
}

const literal = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/;

function expand(
  text: string,
  { environment, problems, literals }: Expansion,
  path: readonly PropertyKey[],
): string {
  const expanded = text.replace(variable, (whole, name: string, fallback: string | undefined) => {
    const found = (Object.hasOwn(environment, name) && environment[name]) || fallback;
    if (found !== undefined) return found;
    problems.push({
      path: formatPath(path),
      message: `The environment variable ${name} is not set, or empty. Set it, or give a default: \${${name}:-…}.`,
    });
    return whole;
  });
  if (loneVariable.test(text) && literal.test(expanded))
    literals.set(formatPath(path), JSON.parse(expanded) as number | boolean);
  return expanded;
}
