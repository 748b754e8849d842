/** Names that callers invent must not make a metric grow without end: one that has answered stands for itself, every other for `other`. */
export interface BoundedNames {
  /** The name to count under. `answered`: it exists, a model of that name has just answered. */
  bound(name: string, answered: boolean): string;
}

export const otherName = "other";

export function createBoundedNames(most: number): BoundedNames {
  const known = new Set<string>();
  return {
    bound(name, answered) {
      if (known.has(name)) return name;
      if (!answered || known.size >= most) return otherName;
      known.add(name);
      return name;
    },
  };
}
