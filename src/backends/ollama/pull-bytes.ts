import type { PullProgress } from "../../contract/progress.ts";

/** One line of `/api/pull`. */
export interface PullLine {
  status?: string;
  /** Of a part: `sha256:…`. */
  digest?: string;
  total?: number;
  completed?: number;
  error?: string;
}

/** Adds up what the lines of a pull, and of those that go on with it, say of the parts. */
export interface PullBytes {
  /** What is done now; undefined where the line says nothing of it. Never less than before. */
  take(line: PullLine): PullProgress | undefined;
  readonly doneBytes: number;
  /** The digests of all parts, in hexadecimal, the largest first: the weights. */
  digests(): string[];
}

export function createPullBytes(model: string): PullBytes {
  const parts = new Map<string, { total: number; completed: number }>();
  let doneBytes = 0;
  return {
    take({ digest, total, completed = 0 }) {
      if (digest === undefined || total === undefined) return undefined;
      const before = parts.get(digest)?.completed ?? 0;
      parts.set(digest, { total, completed: Math.max(before, completed) });
      const all = [...parts.values()];
      doneBytes = all.reduce((sum, part) => sum + part.completed, 0);
      const totalBytes = all.reduce((sum, part) => sum + part.total, 0);
      return { phase: "pull", model, doneBytes, totalBytes };
    },
    get doneBytes() {
      return doneBytes;
    },
    digests: () =>
      [...parts]
        .toSorted(([, a], [, b]) => b.total - a.total)
        .map(([digest]) => digest.replace(/^sha256:/, "")),
  };
}
