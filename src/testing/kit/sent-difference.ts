import type { SeenRequest } from "../exchange.ts";

/** What was sent, as paths and values: what two calls are compared by. */
export type SentValues = ReadonlyMap<string, string>;

/** What belongs to a connection or to a message as such. */
const incidental = /^(host|connection|content-length|date|user-agent|accept.*|transfer-encoding)$/;

export function sentValues(requests: readonly SeenRequest[]): SentValues {
  const values = new Map<string, string>();
  for (const [at, { method, path, headers, body, bytes }] of requests.entries()) {
    values.set(`${at} line`, `${method} ${path}`);
    for (const [name, value] of Object.entries(headers))
      if (!incidental.test(name)) values.set(`${at} header ${name}`, String(value));
    if (body === undefined) values.set(`${at} body`, bytes.toString("latin1"));
    else enter(values, `${at} body`, body);
  }
  return values;
}

function enter(values: Map<string, string>, path: string, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    values.set(path, JSON.stringify(value) ?? "");
    return;
  }
  values.set(path, Array.isArray(value) ? "list" : "object");
  for (const [key, inner] of Object.entries(value)) enter(values, `${path}.${key}`, inner);
}

/** The paths at which two differ. */
export function differences(a: SentValues, b: SentValues): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path));
}
