import type { Model } from "../contract/backend.ts";
import { toModelyardError } from "../contract/errors.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Registry } from "./registry.ts";
import type { RunningBackend } from "./running-backend.ts";

/** What came of asking a backend for its models. */
export interface Asked {
  readonly backend: RunningBackend;
  readonly list: readonly Model[];
  /** It reaches further than is allowed, and was not asked. */
  readonly isBeyond?: boolean;
  /** Why it could not say. */
  readonly problem?: string;
}

/** Which backends list a name, without a backend's in front. */
export interface ListedNames {
  /** The one backend that is meant, at once, where all lists are still believed; undefined where they have to be asked. */
  find(name: string, limit?: PrivacyClass): RunningBackend | undefined;
  /** Asks all that reach no further than `limit`. `found`: those that are meant by the name, more than one where it does not say which. */
  ask(
    name: string,
    limit?: PrivacyClass,
  ): Promise<{ readonly asked: readonly Asked[]; readonly found: readonly RunningBackend[] }>;
}

/** By each name, who lists it, in the order of the backends. */
type Index = ReadonlyMap<string, readonly Lister[]>;

interface Lister {
  readonly backend: RunningBackend;
  /** Under another name. */
  readonly isAlias: boolean;
}

interface Answer {
  readonly asked: readonly Asked[];
  readonly index: Index;
  /** As the registry was before anybody was asked. */
  readonly version: number;
  readonly untilMs: number;
}

/** With thousands of models a name must not cost a look through all of them: they are sorted by name once, and again when a list grows old or changes. */
export function createListedNames(registry: Registry): ListedNames {
  const answers = new Map<PrivacyClass, Answer>();
  const asking = new Map<PrivacyClass, Promise<Answer>>();

  async function askAll(limit: PrivacyClass): Promise<Answer> {
    const { version, all } = registry;
    const asked = await Promise.all(all.map((backend) => askOne(backend, limit)));
    const untilMs = Math.min(
      ...asked.flatMap(({ backend, isBeyond, problem }) =>
        isBeyond === true || problem !== undefined ? [] : [backend.models.freshUntilMs],
      ),
    );
    const answer = { asked, index: toIndex(asked), version, untilMs };
    answers.set(limit, answer);
    return answer;
  }

  return {
    find(name, limit = "remote") {
      const answer = answers.get(limit);
      if (answer === undefined || answer.version !== registry.version) return undefined;
      if (performance.now() >= answer.untilMs) return undefined;
      const [first, second] = meantBy(name, answer.index);
      if (first === undefined || second !== undefined) return undefined;
      // It may have forgotten since what it listed.
      return first.models.known(name)?.model === undefined ? undefined : first;
    },

    async ask(name, limit = "remote") {
      const question = asking.get(limit) ?? askAll(limit).finally(() => asking.delete(limit));
      asking.set(limit, question);
      const { asked, index } = await question;
      return { asked, found: meantBy(name, index) };
    },
  };
}

async function askOne(backend: RunningBackend, limit: PrivacyClass): Promise<Asked> {
  try {
    const beyond = await backend.excluded(limit);
    if (beyond !== undefined) return { backend, list: [], isBeyond: true };
    return { backend, list: (await backend.models.all()) ?? [] };
  } catch (error) {
    return { backend, list: [], problem: toModelyardError(error).message };
  }
}

function toIndex(asked: readonly Asked[]): Index {
  const index = new Map<string, Lister[]>();
  const add = (name: string, lister: Lister) => {
    const listers = index.get(name);
    if (listers === undefined) index.set(name, [lister]);
    else if (listers.at(-1)?.backend !== lister.backend) listers.push(lister);
    // A name that it also knows as another's is this one's own.
    else if (!lister.isAlias) listers[listers.length - 1] = lister;
  };
  for (const { backend, list } of asked) {
    for (const { name, aliases = [] } of list) {
      add(name, { backend, isAlias: false });
      for (const alias of aliases) add(alias, { backend, isAlias: true });
    }
  }
  return index;
}

/** What happens to run here must not change what a name means; and who lists it so comes before who knows it by another name. */
function meantBy(name: string, index: Index): RunningBackend[] {
  const listers = index.get(name) ?? [];
  const own = listers.filter(({ backend }) => backend.discovered === undefined);
  const near = own.length > 0 ? own : listers;
  const exact = near.filter(({ isAlias }) => !isAlias);
  return (exact.length > 0 ? exact : near).map(({ backend }) => backend);
}
