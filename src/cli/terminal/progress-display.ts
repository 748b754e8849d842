import type { Progress } from "../../contract/progress.ts";
import { createSpeedometer, type Speedometer } from "./speedometer.ts";
import { describeProgress, type Sighting } from "./describe-progress.ts";

/** Shows on standard error what a wait is spent on. */
export interface ProgressDisplay {
  /** Something is waited for; a line says so once it takes longer than a second. */
  begin(what: string): void;
  update(event: Progress): void;
  /** The wait is over, or something else is to be written: takes the line away. A fetch that is done leaves a line. */
  clear(): void;
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** How long a wait may last before a line says what it is spent on. */
const patienceMs = 1_000;
const redrawMs = 100;
/** Between two lines where no line can be drawn over. */
const plainIntervalMs = 2_000;

/** On a terminal one line that is drawn over and over; elsewhere a plain line now and then. */
export function createProgressDisplay(
  stream: Stream,
  { now = () => performance.now() }: { now?: () => number } = {},
): ProgressDisplay {
  const terminal = stream.isTTY === true;
  let current: Sighting | undefined;
  let speedometer: Speedometer | undefined;
  let timer: NodeJS.Timeout | undefined;
  let drawn = false;
  let lastDrawnAt = Number.NEGATIVE_INFINITY;

  function start(sighting: Omit<Sighting, "sinceMs" | "speed">): void {
    if (current !== undefined && current.key !== sighting.key) finish();
    current = { sinceMs: current?.sinceMs ?? now(), ...current, ...sighting };
    timer ??= setInterval(draw, terminal ? redrawMs : patienceMs).unref();
  }

  function draw(): void {
    if (current === undefined) return;
    const { event, sinceMs } = current;
    const patient = event?.phase !== "pull" && event?.phase !== "install";
    if (patient && now() - sinceMs < patienceMs) return;
    if (!terminal && now() - lastDrawnAt < plainIntervalMs) return;
    // Where no line can be drawn over, one is enough for what has no bytes to count.
    if (!terminal && patient && drawn) return;
    lastDrawnAt = now();
    drawn = true;
    // A terminal that does not know its size says 0.
    const width = terminal ? stream.columns || 80 : undefined;
    const line = describeProgress({ ...current, speed: speedometer?.read() }, now(), width);
    stream.write(terminal ? `\r\u001B[2K${line}` : `${line}\n`);
  }

  function erase(): void {
    if (terminal && drawn) stream.write("\r\u001B[2K");
    drawn = false;
  }

  /** A fetch that was shown leaves a line that says what it came to. */
  function finish(): void {
    if (current === undefined) return;
    const { event } = current;
    const wasShown = drawn;
    erase();
    const complete =
      event?.phase === "install" ||
      (event?.phase === "pull" && event.doneBytes > 0 && event.doneBytes === event.totalBytes);
    if (complete && wasShown)
      stream.write(`${describeProgress({ ...current, complete: true }, now(), undefined)}\n`);
    clearInterval(timer);
    timer = undefined;
    speedometer = undefined;
    current = undefined;
    lastDrawnAt = Number.NEGATIVE_INFINITY;
  }

  return {
    begin(what) {
      start({ key: `wait ${what}`, what });
    },
    update(event) {
      start({ key: keyOf(event), event });
      if (event.phase === "pull") {
        speedometer ??= createSpeedometer(now);
        speedometer.add(event.doneBytes);
      }
      if (now() - lastDrawnAt >= redrawMs) draw();
    },
    clear: finish,
  };
}

/** Events of one key belong to one line. */
function keyOf(event: Progress): string {
  switch (event.phase) {
    case "pull":
    case "load":
      return `${event.phase} ${event.model}`;
    case "install":
      return `${event.phase} ${event.name}`;
    default:
      return event.phase;
  }
}
