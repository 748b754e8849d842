import type { Problem } from "../contract/describe-issues.ts";
import { digestOfKey, writeKeyDigest } from "../contract/key-digest.ts";
import { didYouMean } from "../contract/nearest.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

interface Known {
  readonly aliases: readonly string[];
  checkTarget(target: string, path: string): void;
  readonly problems: Problem[];
}

/** Keys must be told apart, by name and by what they are, and be held to models that are there. A key itself is never repeated. */
export function checkKeys(keys: unknown, { aliases, checkTarget, problems }: Known): void {
  const entries = listOf(keys).map(fieldsOf);
  const names = entries.map(({ name }) => name);
  const digests = entries.map(digestOf);
  entries.forEach(({ name, models }, index) => {
    const path = `server.keys[${index}]`;
    const twin = digests.indexOf(digests[index]);
    if (typeof name === "string" && names.indexOf(name) !== index)
      problems.push({ path: `${path}.name`, message: `${JSON.stringify(name)} is taken already.` });
    if (digests[index] !== undefined && twin !== index)
      problems.push({ path, message: `Is the same key as server.keys[${twin}].` });
    listOf(models).forEach((model, place) => {
      if (typeof model !== "string" || aliases.includes(model)) return;
      const at = `${path}.models[${place}]`;
      if (model.includes("/")) return checkTarget(model, at);
      const near = didYouMean(model, aliases) || " A backend's model is written backend/model.";
      problems.push({ path: at, message: `No alias is called ${JSON.stringify(model)}.${near}` });
    });
  });
}

function digestOf({ key, hash }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof hash === "string") return hash.toLowerCase();
  return typeof key === "string" ? writeKeyDigest(digestOfKey(key)) : undefined;
}
