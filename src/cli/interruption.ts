import { ModelyardError } from "../contract/errors.ts";

/** Listens to Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) for one command. */
export interface Interruption {
  /** Aborts at the first interrupt; what runs is to stop and tidy up. */
  readonly signal: AbortSignal;
  /** Until it is disposed of, an interrupt calls `listener` and does not end the command. */
  divert(listener: () => void): Disposable;
  /** From now on the second interrupt calls `listener` and ends the process soon after that has settled; a third one does so at once. */
  onSecond(listener: () => Promise<void>): void;
  /** What a shell says of a command that was interrupted twice; undefined of any other. */
  readonly secondExitCode: number | undefined;
  /** What it says of one that the first interrupt ended; undefined before that. */
  readonly firstExitCode: number | undefined;
  /** Ends the command as an interrupt does. */
  interrupt(): void;
  /** Ends the command because nobody can read its answer any more. */
  outputClosed(): void;
  dispose(): void;
}

/** What a shell says of a program that a signal has ended: 128 and the signal's number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** How long what was ended gets to reach those who asked for it, in milliseconds. */
const graceMs = 500;

/** The first interrupt asks the command to end, a second one ends the process at once: something may hang. */
export function createInterruption(exit: (code: number) => void): Interruption {
  const controller = new AbortController();
  const diversions: (() => void)[] = [];
  let hasten: (() => Promise<void>) | undefined;
  let secondExitCode: number | undefined;
  let firstExitCode: number | undefined;

  function interrupt(by: keyof typeof exitCodes = "SIGINT"): void {
    if (controller.signal.aborted) return interruptAgain(exitCodes[by]);
    firstExitCode = exitCodes[by];
    controller.abort(new ModelyardError("cancelled", "Interrupted."));
  }

  function interruptAgain(code: number): void {
    if (hasten === undefined || secondExitCode !== undefined) return exit(code);
    secondExitCode = code;
    // By itself the command ends sooner, unless somebody does not read what they are told.
    void hasten().finally(() => setTimeout(exit, graceMs, code).unref());
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
    onSecond: (listener) => void (hasten = listener),
    get secondExitCode() {
      return secondExitCode;
    },
    get firstExitCode() {
      return firstExitCode;
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
