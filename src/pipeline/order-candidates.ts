import type { Candidate } from "./call.ts";

/** Which target is tried first. */
export type Strategy = "ordered" | "weighted" | "fastest" | "least-busy";

/** Candidates in the order in which they are to be tried. `random`: 0 to 1. */
export function orderCandidates(
  candidates: readonly Candidate[],
  strategy: Strategy,
  random: () => number = Math.random,
): readonly Candidate[] {
  if (strategy === "ordered" || candidates.length < 2) return candidates;
  const usable = candidates.filter((each) => !isLeftAlone(each));
  return [...balance(usable, strategy, random), ...candidates.filter(isLeftAlone)];
}

function balance(
  candidates: readonly Candidate[],
  strategy: Exclude<Strategy, "ordered">,
  random: () => number,
): Candidate[] {
  const left = [...candidates];
  const ordered: Candidate[] = [];
  while (left.length > 0) {
    const at =
      strategy === "weighted"
        ? byWeight(left, random)
        : betterOfTwo(left, strategy === "fastest" ? latencyOf : loadOf, random);
    ordered.push(...left.splice(at, 1));
  }
  return ordered;
}

/** Each as likely as its weight says. */
function byWeight(candidates: readonly Candidate[], random: () => number): number {
  const weights = candidates.map(({ weight = 1 }) => weight);
  let point = random() * weights.reduce((sum, each) => sum + each, 0);
  const at = weights.findIndex((weight) => (point -= weight) < 0);
  return at === -1 ? candidates.length - 1 : at;
}

/** Of two that chance picks, the one that costs less: nearly as good as the best of all, and no herd runs to it. */
function betterOfTwo(
  candidates: readonly Candidate[],
  costOf: (candidate: Candidate) => number,
  random: () => number,
): number {
  const one = Math.floor(random() * candidates.length);
  if (candidates.length === 1) return one;
  const other = (one + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
  return costOf(candidates[other]!) < costOf(candidates[one]!) ? other : one;
}

/** What an answer takes, its failures counted in. One that nobody knows yet counts as quick, so that it becomes known. */
function latencyOf({ backend, target }: Candidate): number {
  const record = backend.records.of(target.model);
  if (record === undefined) return 0;
  const { latencyMs = Number.POSITIVE_INFINITY, successRate } = record;
  return latencyMs / successRate;
}

function loadOf({ backend: { places } }: Candidate): number {
  return (places.running + places.waiting) / places.maxConcurrent;
}

/** Only for as long as its circuit says: then it takes its turn again, or nobody would find out that it is back. */
function isLeftAlone({ backend, target }: Candidate): boolean {
  return backend.circuits.all.get(target.model)?.refuses === true;
}
