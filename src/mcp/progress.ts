import type { Progress } from "../contract/progress.ts";
import { describeProgress } from "./describe-progress.ts";

/** Tells a caller what is going on. All of it is free to call, whether or not the caller asked to be told. */
export interface ProgressReporter {
  /** Whether the caller asked to be told. */
  readonly wanted: boolean;
  /** More of the answer. What comes close together is told together. */
  text(delta: string): void;
  /** What happens before the answer begins. Only the latest is told where they come close together. */
  event(event: Progress): void;
  /** The same where fetching weights is all there is to do: progress is then counted in bytes. */
  bytes(event: Progress): void;
  /** Tells what is left; gives whether anything was told at all. Nothing is told afterwards. */
  end(): Promise<boolean>;
}

/** `params` of a progress notification, without the token. */
export interface ProgressNote {
  progress: number;
  total?: number;
  message?: string;
  /** What `message` is: text of the answer, or word of what goes on. */
  _meta: { "modelyard/phase": Progress["phase"] | "text" | "waiting" };
}

export interface ProgressOptions {
  send(note: ProgressNote): Promise<void>;
  /** Hears of a notification that could not be sent. */
  onError(error: unknown): void;
  /** The least time between two notifications. */
  intervalMs?: number;
  /** After this much silence a bare notification says that the call is alive. */
  heartbeatMs?: number;
}

/** For a caller who did not ask. */
export const silentProgress: ProgressReporter = {
  wanted: false,
  text() {},
  event() {},
  bytes() {},
  end: async () => false,
};

/**
 * Sends one notification at a time, at most every `intervalMs`; a caller who reads slowly gets fewer and longer ones.
 * Progress never goes back, as the protocol demands.
 */
export function createProgressReporter({
  send,
  onError,
  intervalMs = 150,
  heartbeatMs = 1000,
}: ProgressOptions): ProgressReporter {
  let last = -1;
  let sentAt = -Infinity;
  let pendingText = "";
  let pendingEvent: { event: Progress; counted: boolean } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let ended = false;
  let broken = false;
  const startedAt = performance.now();

  const heartbeat = setInterval(
    () => {
      const silentMs = performance.now() - Math.max(sentAt, startedAt);
      if (sending === undefined && silentMs >= heartbeatMs) void tell("waiting", {});
    },
    Math.max(10, heartbeatMs / 4),
  );
  heartbeat.unref();

  function tell(
    phase: ProgressNote["_meta"]["modelyard/phase"],
    { value = last + 1, ...rest }: { value?: number; total?: number; message?: string },
  ): Promise<void> {
    if (broken || value <= last) return sending ?? Promise.resolve();
    last = value;
    sentAt = performance.now();
    const sent = send({ progress: value, ...rest, _meta: { "modelyard/phase": phase } })
      .catch((error: unknown) => {
        // The result does not depend on progress, so the call goes on without it.
        broken = true;
        onError(error);
      })
      .finally(() => {
        if (sending === sent) sending = undefined;
        schedule();
      });
    sending = sent;
    return sent;
  }

  function flush(): void {
    timer = undefined;
    if (pendingText !== "") {
      const message = pendingText;
      pendingText = "";
      pendingEvent = undefined;
      void tell("text", { message });
    } else if (pendingEvent !== undefined) {
      const { event, counted } = pendingEvent;
      pendingEvent = undefined;
      void tell(event.phase, {
        message: describeProgress(event),
        ...(counted ? countBytes(event) : {}),
      });
    }
  }

  function schedule(): void {
    if (timer !== undefined || sending !== undefined || ended) return;
    if (pendingText === "" && pendingEvent === undefined) return;
    const waitMs = sentAt + intervalMs - performance.now();
    if (waitMs <= 0) flush();
    else timer = setTimeout(flush, waitMs);
  }

  return {
    wanted: true,
    text(delta) {
      pendingText += delta;
      schedule();
    },
    event(event) {
      pendingEvent = { event, counted: false };
      schedule();
    },
    bytes(event) {
      pendingEvent = { event, counted: true };
      schedule();
    },
    async end() {
      ended = true;
      clearInterval(heartbeat);
      clearTimeout(timer);
      await sending;
      flush();
      await sending;
      return last >= 0;
    },
  };
}

function countBytes(event: Progress): { value?: number; total?: number } {
  if (event.phase !== "pull") return {};
  const { doneBytes, totalBytes } = event;
  return { value: doneBytes, ...(totalBytes === undefined ? {} : { total: totalBytes }) };
}
