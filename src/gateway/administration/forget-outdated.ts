import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../configuration.ts";
import type { Additions } from "./additions.ts";

/** What still lies over a file that has changed: whose entry it changes, or no longer holds, is no longer taken out. */
export function forgetOutdated(
  { backends, models }: Additions,
  before: Configuration,
  now: Configuration,
): Additions {
  return {
    backends: keepValid(backends, before.backends, now.backends),
    models: keepValid(models, before.models, now.models),
  };
}

function keepValid<Entry extends { readonly name: string }>(
  over: ReadonlyMap<string, Entry | undefined>,
  before: readonly Entry[],
  now: readonly Entry[],
): ReadonlyMap<string, Entry | undefined> {
  const isSame = (name: string) =>
    isDeepStrictEqual(
      before.find((entry) => entry.name === name),
      now.find((entry) => entry.name === name),
    );
  return new Map([...over].filter(([name, entry]) => entry !== undefined || isSame(name)));
}
