/** What a caller who waits is told. Each phase may be reported many times, or never. */
export type Progress =
  /** Waiting for a free place at the backend; 1 is next. */
  | { phase: "queue"; position: number }
  /** An engine's binaries are being installed. */
  | { phase: "install"; name: string; message: string }
  /** Weights are being fetched. `totalBytes` is left out where the source does not say. */
  | { phase: "pull"; model: string; doneBytes: number; totalBytes?: number }
  /** The model is being read into memory. `fraction` is 0 to 1. */
  | { phase: "load"; model: string; fraction?: number }
  /** The prompt is being evaluated, in tokens. */
  | { phase: "prompt"; doneTokens: number; totalTokens: number };

/** Somebody who waits, is told how it goes, and may give up. */
export interface Interest {
  readonly signal: AbortSignal;
  progress(event: Progress): void;
}

/** A pull's own progress, in bytes. */
export type PullProgress = Extract<Progress, { phase: "pull" }>;
