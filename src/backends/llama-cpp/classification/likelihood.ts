import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { batchRank } from "../sequences/batch-rank.ts";

/**
 * How likely each of some tokens is to come next, as natural logarithms.
 * @param tokens what to evaluate first; at least one.
 */
export async function nextLogLikelihoods(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  wanted: readonly Token[],
): Promise<Map<Token, number>> {
  const last = tokens.at(-1);
  if (last === undefined) throw new RangeError("Nothing to evaluate.");
  const results = await sequence.controlledEvaluate(
    [
      ...tokens.slice(0, -1),
      [
        last,
        {
          generateNext: {
            // the likeliest token gives the scale of the total; asking for it as `includeMax` is ignored in 3.22.1
            logits: { filter: { tokens: [...new Set(wanted)], includeTop: 1 } },
            totalLogitWeight: true,
          },
        },
      ],
    ],
    { evaluationPriority: batchRank(sequence) },
  );
  const { logits, totalLogitWeight } = results.at(-1)?.next ?? {};
  if (logits === undefined || totalLogitWeight === undefined)
    throw new Error("The engine gave no likelihoods.");
  const total = Math.max(...logits.values()) + Math.log(totalLogitWeight);
  return new Map([...logits].map(([token, logit]) => [token, logit - total]));
}

interface Branch {
  children: Map<Token, Branch>;
  /** Indexes of the texts that end here. */
  ends: number[];
}

/** How far a text was followed. */
interface Followed {
  sum: number;
  tokens: number;
}

/**
 * How likely each of some texts is as the continuation of what a sequence holds: the mean log-likelihood of its tokens, so that long texts are
 * not at a disadvantage. Texts that begin alike share the work, and at most `budget` steps are taken, the likeliest beginnings first; what was not
 * followed to its end is judged by its beginning.
 * @param last the last token of the prompt, not evaluated yet.
 */
export async function textLogLikelihoods(
  sequence: LlamaContextSequence,
  last: Token,
  texts: readonly (readonly Token[])[],
  { budget, signal }: { budget: number; signal: AbortSignal },
): Promise<number[]> {
  const root = treeOf(texts);
  const start = sequence.nextTokenIndex;
  const followed: Followed[] = texts.map(() => ({ sum: 0, tokens: 0 }));
  const open: { branch: Branch; path: Token[]; sum: number }[] = [
    { branch: root, path: [], sum: 0 },
  ];
  for (let step = 0; step < budget && open.length > 0; step++) {
    signal.throwIfAborted();
    open.sort((a, b) => a.sum - b.sum);
    const { branch, path, sum } = open.pop() ?? { branch: root, path: [], sum: 0 };
    const kept = commonStart(sequence, start, [last, ...path]);
    if (sequence.nextTokenIndex > start + kept)
      await sequence.eraseContextTokenRanges([
        { start: start + kept, end: sequence.nextTokenIndex },
      ]);
    const likelihoods = await nextLogLikelihoods(sequence, [last, ...path].slice(kept), [
      ...branch.children.keys(),
    ]);
    for (const [token, child] of branch.children) {
      const next = {
        branch: child,
        path: [...path, token],
        sum: sum + (likelihoods.get(token) ?? -Infinity),
      };
      for (const index of textsBelow(child))
        followed[index] = { sum: next.sum, tokens: next.path.length };
      if (child.children.size > 0) open.push(next);
    }
  }
  return followed.map(({ sum, tokens }) => sum / Math.max(1, tokens));
}

/** How much of `path` a sequence holds after `start`; its last token is always evaluated again, for what follows it. */
function commonStart(
  sequence: LlamaContextSequence,
  start: number,
  path: readonly Token[],
): number {
  const held = sequence.contextTokens.slice(start);
  let kept = 0;
  while (kept < path.length - 1 && held[kept] === path[kept]) kept++;
  return kept;
}

function treeOf(texts: readonly (readonly Token[])[]): Branch {
  const root: Branch = { children: new Map(), ends: [] };
  texts.forEach((tokens, index) => {
    let branch = root;
    for (const token of tokens) {
      let child = branch.children.get(token);
      if (child === undefined)
        branch.children.set(token, (child = { children: new Map(), ends: [] }));
      branch = child;
    }
    branch.ends.push(index);
  });
  return root;
}

function textsBelow({ ends, children }: Branch): number[] {
  return [...ends, ...[...children.values()].flatMap(textsBelow)];
}
