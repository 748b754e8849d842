import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import type { Problem } from "../contract/describe-issues.ts";
import { nearest } from "../contract/nearest.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

/** What a backend is to offer must be a capability, and one that its kind has or that can be made from what it has. */
export function checkOffered(
  settings: unknown,
  { type, capabilities: own }: AnyBackendDefinition,
  capabilities: readonly AnyCapability[],
): Problem[] {
  const offered = listOf(fieldsOf(settings)["capabilities"]);
  if (offered.length === 0) return [];
  const able = own === undefined ? capabilities : capabilities.filter((each) => canDo(each, own));
  const list = able.map(({ name }) => name).join(", ") || "nothing";
  return offered.flatMap((written, index) => {
    // What is no text, the schema names.
    if (typeof written !== "string" || able.some(({ name }) => name === written)) return [];
    const path = `capabilities[${index}]`;
    const word = JSON.stringify(written.slice(0, 40));
    if (capabilities.some(({ name }) => name === written))
      return [
        { path, message: `A backend of the kind ${type} can't do ${word}. It can do: ${list}.` },
      ];
    const meant = findMeant(written, capabilities);
    const hint =
      meant === undefined
        ? ` Known: ${capabilities.map(({ name }) => name).join(", ")}.`
        : ` Did you mean ${JSON.stringify(meant)}?`;
    return [{ path, message: `Unknown capability ${word}.${hint}` }];
  });
}

function canDo({ name, derive = [] }: AnyCapability, own: readonly string[]): boolean {
  return own.includes(name) || derive.some(({ from }) => own.includes(from));
}

/** The capability that people call so, or nearly so. */
function findMeant(written: string, capabilities: readonly AnyCapability[]): string | undefined {
  const words = new Map(
    capabilities.flatMap(({ name, names, alsoCalled = [] }) =>
      [name, names.tool, names.verb, ...alsoCalled].map((word) => [word, name] as const),
    ),
  );
  const word = written.toLowerCase().replaceAll(/[\s_]+/g, "-");
  const exact = words.get(word);
  if (exact !== undefined) return exact;
  const [near = ""] = nearest(word, words.keys());
  return words.get(near);
}
