import type { CallContext } from "./backend.ts";

/**
 * Tells the caller of every parameter that was given and is not used: `warnOfIgnored(rest, context)`, where `rest` is what a handler
 * takes no heed of. Nothing is dropped in silence.
 */
export function warnOfIgnored(rest: object, { warn, model }: CallContext): void {
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined) warn(`${model} does not know ${name}: it was ignored.`);
}
