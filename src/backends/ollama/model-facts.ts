import { parseAnswer, showAnswer } from "./api.ts";
import { fullName } from "./full-name.ts";
import { type ModelDescription, toDescription } from "./to-description.ts";

type Asker = Pick<{ fetch: typeof fetch; signal: AbortSignal }, "fetch" | "signal">;

/** What Ollama says its models can do, kept for as long as their digests stay the same. */
export interface ModelFacts {
  /** Of a listed model. */
  describe(name: string, digest: string, asker: Asker): Promise<ModelDescription>;
  /** As last described; asked for where it never was. */
  of(name: string, asker: Asker): Promise<ModelDescription>;
  /** Keeps nothing of models that are listed no more. */
  keep(digests: readonly string[]): void;
}

export function createModelFacts(
  show: (model: string, asker: Asker) => Promise<unknown>,
): ModelFacts {
  const byDigest = new Map<string, ModelDescription>();
  const digestOf = new Map<string, string>();

  async function ask(name: string, asker: Asker): Promise<ModelDescription> {
    return toDescription(name, parseAnswer(showAnswer, await show(name, asker), "/api/show"));
  }

  return {
    async describe(name, digest, asker) {
      // One digest may bear several names, and a cloud's model is known by its name as well.
      const key = `${digest} ${name}`;
      const described = byDigest.get(key) ?? (await ask(name, asker));
      byDigest.set(key, described);
      digestOf.set(fullName(name), key);
      return described;
    },

    async of(name, asker) {
      const key = digestOf.get(fullName(name));
      const known = key === undefined ? undefined : byDigest.get(key);
      return known ?? ask(name, asker);
    },

    keep(digests) {
      const kept = new Set(digests);
      for (const key of byDigest.keys())
        if (!kept.has(key.slice(0, key.indexOf(" ")))) byDigest.delete(key);
    },
  };
}
