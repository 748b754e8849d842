/** Numbers that look random and are the same on every run. */
export interface RandomNumbers {
  /** Even between 0 and 1. */
  uniform(): number;
  /** `count` numbers around 0, in a bell curve of this width. */
  normal(count: number, deviation: number): Float32Array;
}

/** A linear congruential generator (Numerical Recipes' constants) and, over it, Box and Muller's method. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const one = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal: (count, deviation) => Float32Array.from({ length: count }, () => deviation * one()),
  };
}
