import type { Middleware, Next } from "./call.ts";

/** Folds middleware around `execute`: the first in the list is the outermost. */
export function compose(middleware: readonly Middleware[], execute: Next): Next {
  return middleware.reduceRight<Next>((next, layer) => (call) => layer(call, next), execute);
}
