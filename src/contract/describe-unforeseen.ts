import { fileURLToPath } from "node:url";
import { describeKind } from "./describe-kind.ts";
import { canBeRead } from "./message-of-thrown.ts";

const own = new URL("../", import.meta.url).href;

/**
 * Says where in an author's code something was thrown that nobody foresaw: `a TypeError at /plugins/acme.ts:14:11`. Without its
 * message, which may quote a request. Undefined where that is not in an author's own code.
 */
export function describeUnforeseen(thrown: unknown): string | undefined {
  if (!canBeRead(thrown)) return "an object that can't be read, where an error belongs";
  // Where it was thrown, nothing tells.
  if (!(thrown instanceof Error)) return `${describeKind(thrown)} where an error belongs`;
  const place = authorsPlace(thrown);
  if (place === undefined) return undefined;
  const article = /^[AEIOU]/.test(thrown.name) ? "an" : "a";
  return `${article} ${thrown.name} at ${place}`;
}

/** Where in an author's code this comes from: `/plugins/acme.ts:14:11`. Undefined where it comes from ours, or from a package. */
export function authorsPlace({ stack = "" }: { stack?: string }): string | undefined {
  for (const line of stack.split("\n")) {
    const [, file = "", row, column] =
      /^\s+at (?:async )?(?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(
        line,
      ) ?? [];
    if (file === "" || file.includes("/node_modules/")) continue;
    const place = file.startsWith("file:") ? fileURLToPath(file.replace(/\?.*$/, "")) : file;
    // What we threw ourselves is no author's.
    if (place.startsWith(fileURLToPath(own))) return undefined;
    return `${place}:${row}:${column}`;
  }
  return undefined;
}
