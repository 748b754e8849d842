/** What a value is, without what it holds: `a promise`, `a list`, `a text`, `undefined`. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return isClass(value) ? "a class" : "a function";
  if (typeof value === "string") return "a text";
  if (typeof value !== "object") return `a ${typeof value}`;
  try {
    if (value instanceof Promise) return "a promise";
    return Array.isArray(value) ? "a list" : "an object";
  } catch {
    // A proxy that lets nobody ask.
    return "an object";
  }
}

export function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
