import type { Configuration, ConfiguredBackend, ModelEntrySettings } from "../configuration.ts";

/** What was added, replaced (a value) or taken out (`undefined`) while the program runs, by name. It lies over the file, and ends with the process. */
export interface Additions {
  readonly backends: ReadonlyMap<string, ConfiguredBackend | undefined>;
  readonly models: ReadonlyMap<string, ModelEntrySettings | undefined>;
}

export const noAdditions: Additions = { backends: new Map(), models: new Map() };

/** The configuration that runs. What replaces something stands in its place, the rest at the end: no default becomes another by it. */
export function layOver(file: Configuration, { backends, models }: Additions): Configuration {
  return {
    ...file,
    backends: replace(file.backends, backends, (each) => ({ ...each, added: true })),
    models: replace(file.models, models, (each) => ({ ...each, added: true })),
  };
}

function replace<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  over: ReadonlyMap<string, Entry | undefined>,
  mark: (entry: Entry) => Entry,
): Entry[] {
  const lying = new Map([...over].map(([name, entry]) => [name, entry && mark(entry)] as const));
  const names = new Set([...entries.map(({ name }) => name), ...lying.keys()]);
  const below = new Map(entries.map((entry) => [entry.name, entry]));
  return [...names].flatMap((name) => (lying.has(name) ? lying.get(name) : below.get(name)) ?? []);
}
