/** The vector of the same direction and of length 1, which is what embeddings must be; one of length 0 stays as it is. */
export function unitVector(vector: ArrayLike<number>): number[] {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += vector[at]! ** 2;
  const length = sum === 0 ? 1 : Math.sqrt(sum);
  return Array.from(vector, (value) => value / length);
}
