import { distance } from "fastest-levenshtein";

/** Longer ones are no slip of a finger, and cost time to compare. */
const longestWord = 200;

/** Up to `count` of `candidates` that look like `word`, the likest first; none where nothing is near. */
export function nearest(word: string, candidates: Iterable<string>, count = 1): string[] {
  if (word.length > longestWord) return [];
  const wanted = lettersOf(word);
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of candidates) {
    const name = lettersOf(candidate);
    const [shorter, longer] = wanted.length < name.length ? [wanted, name] : [name, wanted];
    // Every other word holds a name as short as `n`.
    const contained = shorter.length > 2 && longer.includes(shorter);
    const score = contained ? 1 : distance(wanted, name);
    const most = Math.max(1, Math.floor(wanted.length / 3));
    // Words that share no letter are as far apart as the longer one is long.
    const near = score <= most && score < longer.length;
    if (contained || near || (score === 2 && isSwapped(wanted, name)))
      scored.push({ candidate, score });
  }
  scored.sort((a, b) => a.score - b.score);
  return scored.slice(0, count).map(({ candidate }) => candidate);
}

/** How a word's parts are set apart is no part of it: `api_url` is as near to `apiUrl` as to itself. */
function lettersOf(word: string): string {
  return word.toLowerCase().replaceAll(/(?<=[^_-])[_-]+(?=[^_-])/g, "");
}

/** Whether two words hold the same letters: two of them were typed the wrong way round, which counts as two mistakes. */
function isSwapped(word: string, other: string): boolean {
  return [...word].toSorted().join("") === [...other].toSorted().join("");
}

/** A sentence that names the nearest words, or an empty string: ` Did you mean "chat"?`; `shown` is how a word is to be typed. */
export function didYouMean(
  word: string,
  candidates: Iterable<string>,
  shown = (name: string) => name,
): string {
  const names = nearest(word, candidates, 3).map((name) => JSON.stringify(shown(name)));
  return names.length === 0 ? "" : ` Did you mean ${names.join(" or ")}?`;
}
