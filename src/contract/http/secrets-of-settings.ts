/** What a key's name ends with whose value is a secret. A `key` by itself may name a file. */
const secretKey =
  /(api|access|account|auth|private|secret|subscription)[-_]?key$|(authorization|credentials?|passphrase|password|secret|token)$/i;
/** What is shorter may stand in any text by chance. */
const shortest = 6;

/** The secrets that a backend's settings hold, as far as the names of their keys tell, at any depth. */
export function secretsOfSettings(settings: unknown): string[] {
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value !== "string") return secretsOfSettings(value);
    return secretKey.test(key) && value.length >= shortest ? [value] : [];
  });
}
