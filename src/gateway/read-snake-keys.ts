import { formatPath, type Problem } from "../contract/describe-issues.ts";
import { fieldsAt, type JsonSchema } from "../contract/schema.ts";

/** Where each key was written, by its path as it is read. */
export type Places = Map<string, string>;

export interface KeyReading {
  /** What the keys are known by; a key that it knows stays as it is. */
  readonly schema: JsonSchema;
  /** Its keys at the top. */
  readonly known: readonly string[];
  readonly places: Places;
  /** One for each key that stands in both spellings. */
  readonly problems: Problem[];
}

/** Other words for a key that people write. */
export const synonyms: Readonly<Record<string, string>> = { apiUrl: "baseUrl" };

/**
 * Adds the fields of `given`, which stand at `written`, to `fields`: a key that the schema does not know is read as its camelCase twin
 * where it knows that one, at every depth. What it knows nothing of inside (headers, an upstream's options) is left alone.
 */
export function readSnakeKeys(
  given: object,
  fields: Record<string, unknown>,
  written: readonly PropertyKey[],
  reading: KeyReading,
  at: readonly PropertyKey[] = [],
): void {
  const known = at.length === 0 ? reading.known : fieldsAt(reading.schema, at);
  for (const [key, value] of Object.entries(given)) {
    const name = nameOf(key, known);
    const path = formatPath([...at, name]);
    const place = [...written, key];
    if (name === "__proto__") {
      reading.problems.push({ path: formatPath(place), message: "Can't be a name." });
      continue;
    }
    if (Object.hasOwn(fields, name)) {
      const message = `Stands here twice, as ${reading.places.get(path) ?? name} too: give one of the two.`;
      reading.problems.push({ path: formatPath(place), message });
      continue;
    }
    reading.places.set(path, formatPath(place));
    fields[name] = readInside(value, place, reading, [...at, name]);
  }
}

function readInside(
  value: unknown,
  written: readonly PropertyKey[],
  reading: KeyReading,
  at: readonly PropertyKey[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const [here, place] = [
        [...at, index],
        [...written, index],
      ];
      reading.places.set(formatPath(here), formatPath(place));
      return readInside(item, place, reading, here);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const fields: Record<string, unknown> = {};
  readSnakeKeys(value, fields, written, reading, at);
  return fields;
}

function nameOf(key: string, known: readonly string[]): string {
  if (known.includes(key)) return key;
  const twin = toCamelCase(key);
  const names = [twin, synonyms[twin] ?? twin];
  return names.find((name) => known.includes(name)) ?? key;
}

/** `max_concurrent` → `maxConcurrent`. */
function toCamelCase(key: string): string {
  return key.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where the person wrote what is read at `path`: its own place, else that of what it stands in. */
export function writtenAt(path: string, places: Places): string | undefined {
  for (
    let end = path.length;
    end > 0;
    end = Math.max(path.lastIndexOf(".", end - 1), path.lastIndexOf("[", end - 1))
  ) {
    const place = places.get(path.slice(0, end));
    if (place !== undefined) return place + path.slice(end);
  }
  return undefined;
}
