import { fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../contract/backend.ts";
import { ModelyardError, type SerializedError } from "../contract/errors.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Progress } from "../contract/progress.ts";
import { childOptions } from "./child-options.ts";
import { deathInOneLine, describeDeath, type Death } from "./describe-death.ts";
import { startId, type FromChild, type ToChild } from "./messages.ts";
import { serializeError } from "./serialize-error.ts";
import { stderrTail } from "../contract/stderr-tail.ts";

/** Hears what the child says of one call, until it has ended there. */
export interface Receiver {
  /** The request, so that a line that quotes it is not kept. */
  readonly request?: unknown;
  events?(events: unknown[], last: boolean): void;
  result?(value: unknown): void;
  /** The handler threw, or the child is gone: then `death` is set. */
  failed(error: ModelyardError, death?: Death): void;
  warn?(message: string): void;
  progress?(event: Progress): void;
}

/** A message of one call, whose id is given here. */
export type CallMessage =
  | Omit<Extract<ToChild, { type: "call" }>, "id">
  | Omit<Extract<ToChild, { type: "method" }>, "id">;

/** A running child process with a backend in it. */
export interface EngineProcess {
  readonly pid: number;
  /** Calls that have not ended in the child. */
  readonly busy: number;
  /** Sends a call; gives its id. @throws `invalid-request` where it can't be copied. */
  open(message: CallMessage, receiver: Receiver): number;
  grant(id: number, events: number): void;
  abort(id: number, reason: unknown): void;
  /** Holds all that it sends from here on within this class. */
  limit(widest: PrivacyClass): void;
  /** Aborts what runs, shuts the backend down, and kills the process if it is not gone within the limit. Settles when it is gone. */
  stop(limitMs: number): Promise<void>;
}

export interface EngineOptions {
  readonly name: string;
  readonly log: Log;
  readonly create: Omit<Extract<ToChild, { type: "create" }>, "type">;
  readonly signal: AbortSignal;
  /** How long it may be deaf to an abort, in milliseconds, before it is killed: its thread is blocked. For ever where left out. */
  readonly heedMs?: number | undefined;
  /** The last call has ended in the child. */
  onIdle(): void;
  onUnloaded?(model?: string): void;
  onSecret?(value: string): void;
  /** It is gone, and nobody asked it to go. Called before its calls hear of it. */
  onDeath(death: Death): void;
}

const entry = new URL(`./child${extname(import.meta.url)}`, import.meta.url);
/** How long to wait for the last words of a process that is gone, where another holds its pipes. */
const lastWordsMs = 500;

/** Starts a child process and its backend. @throws what the backend's module or `create` throws, `backend-unavailable` where the process dies, the signal's reason. */
export function startEngineProcess(options: EngineOptions): Promise<EngineProcess> {
  const { name, log, signal, heedMs } = options;
  const child = fork(
    fileURLToPath(entry),
    [String(process.pid)],
    childOptions(extname(import.meta.url) === ".ts"),
  );
  const receivers = new Map<number, Receiver>();
  const started = Promise.withResolvers<EngineProcess>();
  const gone = Promise.withResolvers<void>();
  let nextId = startId + 1;
  let ready = false;
  let stopping = false;
  let isGone = false;
  let blocked = false;
  let lastWords: NodeJS.Timeout | undefined;
  /** Runs from an abort on, until anything is heard. */
  let heed: NodeJS.Timeout | undefined;

  const stderr =
    child.stderr === null
      ? []
      : stderrTail(
          child.stderr,
          () => Array.from(receivers.values(), ({ request }) => request),
          (line) => log.debug(`${name} engine: ${line}`),
        );

  /** An idle engine does not keep our own process alive; one that owes an answer does, even when its channel has broken. */
  function hold(held: boolean): void {
    if (held) {
      child.ref();
      child.channel?.ref();
    } else {
      child.unref();
      child.channel?.unref();
    }
  }

  function post(message: ToChild): void {
    // Without a callback a channel that just closed would emit an error; `exit` tells what happened.
    if (!isGone && child.connected) child.send(message, undefined, undefined, noteSendError);
  }

  function noteSendError(error: Error | null): void {
    if (error !== null) log.debug(`${name} engine: ${error.message}`);
  }

  function ended(id: number): Receiver | undefined {
    const receiver = receivers.get(id);
    if (receivers.delete(id) && receivers.size === 0) {
      hold(stopping);
      options.onIdle();
    }
    return receiver;
  }

  function failed(id: number, error: SerializedError): void {
    const thrown = ModelyardError.fromJSON(error);
    if (id !== startId) return ended(id)?.failed(thrown);
    started.reject(thrown);
    void engine.stop(0);
  }

  child.on("message", (message: FromChild) => {
    if (heed !== undefined) heed = void clearTimeout(heed);
    switch (message.type) {
      case "ready":
        ready = true;
        if (receivers.size === 0) hold(false);
        return started.resolve(engine);
      case "events":
        return (message.last ? ended(message.id) : receivers.get(message.id))?.events?.(
          message.events,
          message.last,
        );
      case "result":
        return ended(message.id)?.result?.(message.value);
      case "error":
        return failed(message.id, message.error);
      case "warn":
        return receivers.get(message.id)?.warn?.(message.message);
      case "progress":
        return receivers.get(message.id)?.progress?.(message.event);
      case "heard":
        return;
      case "unloaded":
        return options.onUnloaded?.(message.model);
      case "secret":
        return options.onSecret?.(message.value);
      case "log":
        return log[message.level](message.message);
    }
  });

  function die(exitCode: number | null, deathSignal: NodeJS.Signals | null): void {
    if (isGone) return;
    isGone = true;
    clearTimeout(lastWords);
    clearTimeout(heed);
    signal.removeEventListener("abort", onAbort);
    const death: Death = { exitCode, signal: deathSignal, blocked, stderr: [...stderr] };
    const lost = [...receivers.values()];
    receivers.clear();
    if (!stopping) {
      log.warn(deathInOneLine(name, death));
      options.onDeath(death);
    }
    started.reject(describeDeath(name, death, false));
    for (const receiver of lost) receiver.failed(describeDeath(name, death, false), death);
    gone.resolve();
  }

  function endBlocked(): void {
    blocked = true;
    child.kill("SIGKILL");
  }

  function onAbort(): void {
    started.reject(signal.reason);
    if (!ready) void engine.stop(0);
  }

  child.on("error", (error) => {
    log.debug(`${name} engine: ${error.message}`);
    if (child.pid === undefined) die(null, null);
  });
  child.on("exit", (code, deathSignal) => {
    lastWords = setTimeout(die, lastWordsMs, code, deathSignal);
  });
  // After its last message and its last line.
  child.on("close", die);
  child.on("disconnect", () => {
    if (!stopping) child.kill("SIGKILL");
  });
  (child.stderr as { unref?(): void } | null)?.unref?.();

  const engine: EngineProcess = {
    pid: child.pid ?? 0,
    get busy() {
      return receivers.size;
    },
    open(message, receiver) {
      const id = nextId++;
      receivers.set(id, receiver);
      if (receivers.size === 1) hold(true);
      try {
        post({ ...message, id });
      } catch (error) {
        ended(id);
        throw new ModelyardError(
          "invalid-request",
          `The request can't be passed to the process of ${name}: ${String(error)}`,
          { cause: error },
        );
      }
      return id;
    },
    grant: (id, events) => post({ type: "credit", id, events }),
    abort(id, reason) {
      if (!receivers.has(id)) return;
      post({ type: "abort", id, reason: serializeError(reason, "cancelled") });
      if (heedMs !== undefined) heed ??= setTimeout(endBlocked, heedMs);
    },
    limit: (widest) => post({ type: "widest", widest }),
    async stop(limitMs) {
      stopping = true;
      if (isGone) return;
      hold(true);
      post({ type: "shutdown" });
      const reason = new ModelyardError("cancelled", `The process of ${name} is shutting down.`, {
        backend: name,
      });
      for (const [id, receiver] of receivers) {
        receivers.delete(id);
        receiver.failed(reason);
      }
      const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
      await gone.promise;
      clearTimeout(timer);
    },
  };

  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  post({ type: "create", ...options.create });
  return started.promise.finally(() => signal.removeEventListener("abort", onAbort));
}
