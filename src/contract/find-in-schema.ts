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
  return escaped.map((token) => decode(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A name with a bare percent sign is taken as it stands. */
function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    // It is no escape, so that nothing is to be undone.
    return token;
  }
}
