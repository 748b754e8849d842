import type { CallContext } from "../../contract/backend.ts";
import { parseAnswer, showAnswer } from "./api.ts";
import { fullName } from "./full-name.ts";
import { type ModelDescription, toDescription } from "./to-description.ts";

type Asker = Pick<CallContext, "fetch" | "signal">;

/** What Ollama says its models can do, kept for as long as their digests stay the same. */
export interface ModelFacts {
  /** Of a listed model. */
  describe(listed: { name: string; digest: string }, asker: Asker): Promise<ModelDescription>;
  /** As last described; asked for where it never was. */
  of(name: string, asker: Asker): Promise<ModelDescription>;
  /** Keeps nothing of models that are listed no more. */
  keep(names: readonly string[]): void;
}

export function createModelFacts(
  show: (model: string, asker: Asker) => Promise<unknown>,
): ModelFacts {
  /** By full name: one digest may bear several, and a cloud's model is known by its name as well. */
  const known = new Map<string, { digest: string; description: ModelDescription }>();

  async function ask(name: string, asker: Asker): Promise<ModelDescription> {
    return toDescription(name, parseAnswer(showAnswer, await show(name, asker), "/api/show"));
  }

  return {
    async describe({ name, digest }, asker) {
      const found = known.get(fullName(name));
      if (found?.digest === digest) return found.description;
      const description = await ask(name, asker);
      known.set(fullName(name), { digest, description });
      return description;
    },

    of: async (name, asker) => known.get(fullName(name))?.description ?? ask(name, asker),

    keep(names) {
      const kept = new Set(names.map(fullName));
      for (const name of known.keys()) if (!kept.has(name)) known.delete(name);
    },
  };
}
