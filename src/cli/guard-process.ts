import { authorsPlace, describeUnforeseen } from "../contract/describe-unforeseen.ts";
import { describeStray } from "../contract/describe-stray.ts";
import { ModelyardError } from "../contract/errors.ts";

export interface GuardOptions {
  /** Tells of a promise that failed while nobody waited for it: it ends nothing. */
  warn(message: string): void;
  /** Tells why the process ends. It has this moment alone: nothing that it waits for is done. */
  lastWords(error: ModelyardError): void;
}

const remedy =
  'Mend it there, or give its backend "isolate": true: then it ends a process of its own, and nothing else.';

/** The longest that a timer takes. */
const longestMs = 2 ** 31 - 1;

/**
 * Keeps the process alive, and listens for what code in our process, a plugin's above all, can do to all of it, until it is disposed
 * of. What is thrown where nobody can catch it, and `process.exit`, end the process with code 1 and a sentence; a forgotten promise
 * costs a warning. Who else listens, the conformance kit for one, goes first.
 */
export function guardProcess({ warn, lastWords }: GuardOptions): Disposable {
  function onRejection(error: unknown): void {
    if (process.listenerCount("unhandledRejection") === 1) warn(describeStray(error));
  }

  function onException(thrown: unknown): void {
    if (process.listenerCount("uncaughtException") > 1) return;
    release();
    lastWords(uncaught(thrown));
    process.exit(1);
  }

  function onExit(code: number): void {
    const here = new Error();
    Error.captureStackTrace(here, onExit);
    process.exitCode = 1;
    lastWords(exited(code, authorsPlace(here)));
  }

  function release(): void {
    clearInterval(alive);
    process.off("unhandledRejection", onRejection);
    process.off("uncaughtException", onException);
    process.off("exit", onExit);
  }

  // Limits use timers that keep nothing alive: without this one, a promise that never settles would end the process in silence.
  const alive = setInterval(() => {}, longestMs);
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);
  process.on("exit", onExit);
  return { [Symbol.dispose]: release };
}

function uncaught(cause: unknown): ModelyardError {
  const what = describeUnforeseen(cause);
  // Ours, or a package's: its stack is shown.
  if (what === undefined)
    return new ModelyardError("internal", "Something was thrown that nobody caught.", { cause });
  const message = `Something was thrown that nobody caught, which ends the program: ${what}.`;
  return new ModelyardError("backend-error", message, { cause, remedy });
}

function exited(code: number, place: string | undefined): ModelyardError {
  if (place === undefined) {
    const message = `The process was ended with code ${code} while a command was under way.`;
    return new ModelyardError("backend-error", message, {
      remedy: 'A plugin may have done it; "isolate": true gives its backend a process of its own.',
    });
  }
  const message = `process.exit(${code}) was called at ${place}, which ends the program.`;
  return new ModelyardError("backend-error", message, { remedy });
}
