import { formatPath } from "../contract/describe-issues.ts";
import { ModelyardError } from "../contract/errors.ts";

/** What is copied to another process as it is. */
const copied = [Date, RegExp, Map, Set, ArrayBuffer];

/** @throws `backend-unavailable` where a configuration, as its schema gives it, holds what can't be passed to another process */
export function checkCopyable(name: string, config: unknown): void {
  const path = findUncopyable(config, []);
  if (path === undefined) return;
  throw new ModelyardError(
    "backend-unavailable",
    `${formatPath(["backends", name, ...path])}: its schema makes a value of it that can't be passed to a process of its own.`,
    { remedy: "Leave `isolate` out, or let `create` make it, out of plain data." },
  );
}

function findUncopyable(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (typeof value === "function" || typeof value === "symbol") return path;
  if (typeof value !== "object" || value === null) return undefined;
  if (copied.some((kind) => value instanceof kind) || ArrayBuffer.isView(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  if (!isPlain) return path;
  for (const [key, each] of Object.entries(value)) {
    const found = findUncopyable(each, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
