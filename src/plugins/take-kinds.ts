import type { AnyBackendDefinition, Log } from "../contract/backend.ts";
import { describeSetAside } from "../contract/set-aside.ts";
import { sourcesOf } from "./kept-sources.ts";
import { areSameKinds, type Kinds } from "./kinds.ts";

/** The kinds of a new reading, told of in the log; the former themselves where nothing has changed, so that what runs on is seen to be the same. */
export function takeKinds(kinds: Kinds, former: Kinds | undefined, log: Log): Kinds {
  tellChanges(kinds, former, log);
  return former !== undefined && areSameKinds(kinds, former) ? former : kinds;
}

const walled = new WeakMap<AnyBackendDefinition, AnyBackendDefinition>();

/** The same kinds, each backend of a plugin in a process of its own, however it comes to be: a version that is replaced ends with its process. */
export function isolateKinds(kinds: Kinds): Kinds {
  const brought = new Set(kinds.plugins.flatMap(({ definitions }) => definitions));
  const definitions = kinds.definitions.map((definition) => {
    if (!brought.has(definition)) return definition;
    // The same for the same, so that what has not changed is seen to be so.
    const known = walled.get(definition) ?? walledOf(definition);
    walled.set(definition, known);
    return known;
  });
  return { ...kinds, definitions };
}

function walledOf(definition: AnyBackendDefinition): AnyBackendDefinition {
  const { module } = definition;
  const sources = module === undefined ? {} : { sources: () => sourcesOf(module) };
  return { ...definition, isolate: "everything", ...sources };
}

/** Says in the log what became of plugins since the former reading: which are set aside, which were read anew, and what takes a restart. */
function tellChanges(kinds: Kinds, former: Kinds | undefined, log: Log): void {
  const told = new Set(former?.setAside.map(describeSetAside));
  for (const sentence of kinds.setAside.map(describeSetAside))
    if (!told.has(sentence)) log.warn(sentence);
  for (const name of kinds.renewed)
    log.info(`The plugin ${name} has changed: calls from now on meet what it is now.`);
  tellStale(kinds, log);
  if (former === undefined) return;
  // Tools, routes and commands are made when the program starts.
  for (const name of without(kinds, former))
    log.warn(`The capability ${name} is new: its route takes a restart.`);
  for (const name of without(former, kinds))
    log.warn(`The capability ${name} is gone: its route goes with a restart.`);
}

/** Says which plugins can't be taken as they are now. */
export function tellStale({ stale }: Pick<Kinds, "stale">, log: Log): void {
  for (const { plugin, problem, remedy } of stale) {
    log.error(
      `The plugin ${plugin} can't be taken as it is now, so the former version goes on. ${problem} ${remedy}`,
    );
  }
}

function without(one: Kinds, other: Kinds): string[] {
  const names = new Set(other.capabilities.map(({ name }) => name));
  return one.capabilities.map(({ name }) => name).filter((name) => !names.has(name));
}
