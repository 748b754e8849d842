/** A body must stay below what servers take, 2 MB by default. */
const mostCharacters = 500_000;

/** Items in their order, in lists of at most `largest`, none of which makes too large a body unless one item does. */
export function splitBatches<Item>(
  items: readonly Item[],
  largest: number,
  lengthOf: (item: Item) => number,
): Item[][] {
  const batches: Item[][] = [];
  let characters = 0;
  for (const item of items) {
    const last = batches.at(-1);
    characters += lengthOf(item);
    if (last !== undefined && last.length < largest && characters <= mostCharacters)
      last.push(item);
    else {
      batches.push([item]);
      characters = lengthOf(item);
    }
  }
  return batches;
}
