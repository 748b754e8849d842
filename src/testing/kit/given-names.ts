import type { Answer } from "../answer.ts";
import type { SeenRequest } from "../exchange.ts";

/** What a server's answers name, so that it can be asked for later: jobs, sessions, files. */
export interface GivenNames {
  /** Notes what an answer names. */
  add(
    place: string,
    request: SeenRequest,
    answer: Pick<Answer, "headers">,
    parts: readonly Buffer[],
  ): void;
  /** The name that a request asks for, and where it was given; undefined where it asks for none. */
  findIn(request: SeenRequest): { readonly name: string; readonly place: string } | undefined;
}

/** So many answers are remembered, and of each so many names. */
const mostAnswers = 64;
const mostNames = 200;
const longestName = 200;

export function createGivenNames(): GivenNames {
  const given: { readonly place: string; readonly names: ReadonlySet<string> }[] = [];
  return {
    add(place, request, { headers }, parts) {
      const asked = new Set([...partsOf(request.path), ...leavesOf(request.body).filter(isText)]);
      const text = Buffer.concat(parts).toString();
      const said = [...partsOf(headers["location"] ?? ""), ...namesIn(text)];
      // What was in the request is no name that the server gave: the model's, say.
      const names = said.filter((name) => !asked.has(name)).slice(0, mostNames);
      if (names.length === 0) return;
      given.push({ place, names: new Set(names) });
      if (given.length > mostAnswers) given.shift();
    },
    findIn({ path, body }) {
      // Words of its own are in many bodies (`assistant`, `stop`); such a name is in none by chance.
      const inBody = leavesOf(body).filter((leaf) => isText(leaf) && isUnusual(leaf));
      const words = [...partsOf(path), ...inBody.map(String)];
      for (const { place, names } of given.toReversed()) {
        const name = words.find((word) => names.has(word));
        if (name !== undefined) return { name, place };
      }
      return undefined;
    },
  };
}

const isText = (leaf: string | number): leaf is string => typeof leaf === "string";
const isUnusual = (word: string) => /^\S{6,}$/.test(word) && /\d/.test(word);

/** The parts of a path and its query. */
function partsOf(path: string): string[] {
  return path.split(/[/?&=#]/).filter((part) => part !== "");
}

function namesIn(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.split(/[^\w-]+/).filter(isUnusual); // no JSON: what looks like a name
  }
  return leavesOf(value).flatMap((leaf) => {
    if (!isText(leaf)) return Number.isInteger(leaf) ? [String(leaf)] : [];
    if (leaf.length > longestName || /\s/.test(leaf)) return [];
    return leaf.includes("/") ? [leaf, ...partsOf(leaf)] : [leaf];
  });
}

/** The texts and numbers of a JSON value. */
function leavesOf(value: unknown): (string | number)[] {
  if (typeof value === "string" || typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}
