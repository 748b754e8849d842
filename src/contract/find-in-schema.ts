import { decodePercent } from "./decode-percent.ts";

/** What the fragment of a local reference points at: `#`, or `#/$defs/a` as RFC 6901 has it. Nothing where it points nowhere. */
export function findInSchema(root: unknown, fragment: string): unknown {
  let found = root;
  for (const token of tokensOf(fragment)) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, token))
      return undefined;
    found = (found as Readonly<Record<string, unknown>>)[token];
  }
  return found;
}

function tokensOf(fragment: string): readonly string[] {
  const escaped = fragment.split("/").slice(1);
  if (!/[%~]/.test(fragment)) return escaped;
  return escaped.map((token) => decodePercent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}
