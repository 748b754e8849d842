const secretName = /authorization|cookie|credential|key|passw|secret|signature|token/i;

/** The texts in a provider's options that prove who we are, told by the names that they stand under. */
export function secretsOf(options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (typeof value === "string") return secretName.test(name) ? [withoutScheme(value)] : [];
    if (typeof value !== "object" || value === null) return [];
    return secretsOf(value as Record<string, unknown>);
  });
}

/** `Bearer …` */
function withoutScheme(value: string): string {
  return value.replace(/^\w+ +/, "");
}
