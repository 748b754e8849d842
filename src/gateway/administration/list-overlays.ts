import type { Overlay } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import type { Additions } from "./additions.ts";

/** What lies over the file, an item each. */
export function listOverlays({ backends, models }: Additions, file: Configuration): Overlay[] {
  return [
    ...overlaysOf("backend", backends, file.backends),
    ...overlaysOf("model", models, file.models),
  ];
}

function overlaysOf(
  kind: Overlay["kind"],
  over: ReadonlyMap<string, unknown>,
  below: readonly { readonly name: string }[],
): Overlay[] {
  return [...over].map(([name, entry]) => {
    if (entry === undefined) return { kind, name, change: "removed" };
    return { kind, name, change: below.some((each) => each.name === name) ? "replaced" : "added" };
  });
}

/** For the log: `the backend "a" (replaced), the model "dev" (removed)`. */
export function describeOverlays(overlays: readonly Overlay[]): string {
  return overlays
    .map(({ kind, name, change }) => `the ${kind} ${JSON.stringify(name)} (${change})`)
    .join(", ");
}
