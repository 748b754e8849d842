import { AsyncLocalStorage } from "node:async_hooks";

/*
 * Whose code runs: what the backend's author wrote, or ours. It follows every promise, timer and callback, so that a connection or a
 * timer can be laid at the right door.
 */
const author = new AsyncLocalStorage<boolean>();

/** Runs the author's code, and all that comes of it, under their name. */
export function asAuthor<Value>(run: () => Value): Value {
  return author.run(true, run);
}

/** Runs what we do for the author: the `fetch` that they are given. */
export function asKit<Value>(run: () => Value): Value {
  return author.run(false, run);
}

export function isAuthor(): boolean {
  return author.getStore() === true;
}
