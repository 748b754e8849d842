import { isMainThread, Worker } from "node:worker_threads";
import { placeInStack } from "./find-place.ts";

/** The thread was blocked, and what blocked it was ended. */
export interface Interruption {
  readonly blockedMs: number;
  /** The stack of what ran, as V8 writes them. */
  readonly stack: string;
}

/** Sees from another thread that this one is blocked, says where, and ends what blocks it. */
export interface Watchdog {
  /** Watches while this work goes on. @returns what it gives */
  watch<Value>(work: () => Promise<Value>): Promise<Value>;
  readonly interruption: Interruption | undefined;
  /** Settles once the thread was blocked. */
  readonly interrupted: Promise<Interruption>;
  stop(): void;
}

const beatMs = 100;
/** How long it may be blocked again once it was, in milliseconds. */
const againMs = 500;

/*
 * What the other thread does. It attaches to this one as a debugger would, pauses it to learn where it is, and ends what runs: the only
 * way out of a loop that never lets go. Plain text, so that it is there however this file was loaded.
 */
const source = `
const { parentPort, workerData } = require("node:worker_threads");
const { Session } = require("node:inspector");
const state = new Int32Array(workerData.shared);
let last = -1;
let quietSince = Date.now();
let interrupts = false;
let limitMs = workerData.limitMs;
// It must not end: without it this thread would, and the session with it.
setInterval(() => {
  if (interrupts) return;
  const beats = Atomics.load(state, 0);
  if (beats !== last || Atomics.load(state, 1) === 0) {
    last = beats;
    quietSince = Date.now();
    return;
  }
  const blockedMs = Date.now() - quietSince;
  if (blockedMs < limitMs) return;
  interrupts = true;
  const session = new Session();
  session.connectToMainThread();
  const files = new Map();
  session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => {
    const frames = params.callFrames.map(({ functionName, location }) =>
      "    at " + (functionName || "anonymous") + " (" + (files.get(location.scriptId) || "node:unknown") + ":" + (location.lineNumber + 1) + ":" + ((location.columnNumber || 0) + 1) + ")");
    session.post("Runtime.terminateExecution", () => {
      session.post("Debugger.disable", () => session.disconnect());
      parentPort.postMessage({ blockedMs, stack: frames.join("\\n") });
      // What else has begun meanwhile may block it again, and need not be waited for as long.
      limitMs = Math.min(limitMs, ${againMs});
      quietSince = Date.now();
      interrupts = false;
    });
    session.post("Debugger.resume");
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}, ${beatMs});
`;

/** `limitMs`: how long nothing else may happen on this thread. */
export function createWatchdog(limitMs: number): Watchdog {
  const shared = new SharedArrayBuffer(8);
  const state = new Int32Array(shared);
  let interruption: Interruption | undefined;
  let tell: (interruption: Interruption) => void;
  const interrupted = new Promise<Interruption>((resolve) => (tell = resolve));
  // Another thread than the first can't be reached: there the limits of the checks must do.
  if (!isMainThread) return { watch: (work) => work(), interruption, interrupted, stop() {} };

  const worker = new Worker(source, { eval: true, workerData: { shared, limitMs } });
  worker.on("message", (told: Interruption) => {
    interruption ??= told;
    tell(told);
  });
  worker.on("error", () => {}); // without it the limits of the checks must do
  // Last: whoever listens to a worker waits for it, and a runner would never end.
  worker.unref();
  const beat = setInterval(() => void Atomics.add(state, 0, 1), beatMs);
  beat.unref();
  return {
    async watch(work) {
      Atomics.add(state, 0, 1);
      Atomics.add(state, 1, 1);
      try {
        return await work();
      } finally {
        Atomics.sub(state, 1, 1);
      }
    },
    get interruption() {
      return interruption;
    },
    interrupted,
    stop() {
      clearInterval(beat);
      void worker.terminate();
    },
  };
}

/** Where in the author's code the thread was blocked. */
export function placeOfInterruption({ stack }: Interruption, module?: string): string | undefined {
  return placeInStack(stack, module);
}
