import { ModelyardError } from "../contract/errors.ts";

/** Listens to Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) for one command. */
export interface Interruption {
  /** Aborts at the first interrupt; what runs is to stop and tidy up. */
  readonly signal: AbortSignal;
  /** Until it is disposed of, an interrupt calls `listener` and does not end the command. */
  divert(listener: () => void): Disposable;
  /** Ends the command as an interrupt does. */
  interrupt(): void;
  /** Ends the command because nobody can read its answer any more. */
  outputClosed(): void;
  dispose(): void;
}

/** What a shell says of a program that a signal has ended: 128 and the signal's number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The first interrupt asks the command to end, a second one ends the process at once: something may hang. */
export function createInterruption(exit: (code: number) => void): Interruption {
  const controller = new AbortController();
  const diversions: (() => void)[] = [];

  function interrupt(by: keyof typeof exitCodes = "SIGINT"): void {
    if (controller.signal.aborted) exit(exitCodes[by]);
    else controller.abort(new ModelyardError("cancelled", "Interrupted."));
  }

  function onInterrupt(): void {
    const diversion = diversions.at(-1);
    if (diversion === undefined) interrupt();
    else diversion();
  }

  const onTerminate = () => interrupt("SIGTERM");
  const onHangUp = () => interrupt("SIGHUP");

  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("SIGHUP", onHangUp);
  return {
    signal: controller.signal,
    divert(listener) {
      diversions.push(listener);
      return {
        [Symbol.dispose]() {
          diversions.splice(diversions.indexOf(listener), 1);
        },
      };
    },
    interrupt: () => interrupt(),
    outputClosed() {
      controller.abort(new ModelyardError("cancelled", "The output was closed."));
    },
    dispose() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      process.off("SIGHUP", onHangUp);
    },
  };
}
