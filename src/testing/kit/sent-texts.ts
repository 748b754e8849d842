import type { SeenRequest } from "../exchange.ts";

/** Every text in what was sent, in its order: the strings of a body of JSON, else the body itself. */
export function sentTexts(requests: readonly SeenRequest[]): string[] {
  return requests.flatMap(({ body, bytes, path }) =>
    [...(body === undefined ? [bytes.toString()] : stringsOf(body)), ...queryOf(path)].filter(
      (text) => text !== "",
    ),
  );
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsOf);
}

function queryOf(path: string): string[] {
  const [, query = ""] = path.split("?");
  return [...new URLSearchParams(query).values()];
}
