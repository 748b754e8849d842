import type { TargetBackend } from "./call.ts";

const told = new WeakMap<TargetBackend, Set<string>>();

/** Logs, for who wrote the backend, what its code does wrong: each sentence once. `what` goes on after the backend's name. */
export function tellAuthor(backend: TargetBackend, what: string): void {
  const before = told.get(backend) ?? new Set();
  if (before.has(what)) return;
  told.set(backend, before.add(what));
  backend.log.warn(`${backend.name} ${what}`);
}
