import { createHook } from "node:async_hooks";
import { isAuthor } from "./author-code.ts";
import { placeInStack } from "./find-place.ts";
import { checkAtWork } from "./stray-errors.ts";

/** Something that the author's code has made and that the operating system or the event loop holds. */
export interface MadeResource {
  /** As Node calls it: `Timeout`, `TCPWRAP`. */
  readonly type: string;
  /** In words. */
  readonly what: string;
  /** Where it leads, of a connection: `127.0.0.1:8000`, or a name that was looked up. */
  readonly to: string | undefined;
  /** Where in the author's code it was made. */
  where(module?: string): string | undefined;
  /** Whether it keeps the process from ending. */
  isOpen(): boolean;
}

export interface WatchedResources extends AsyncDisposable {
  readonly made: readonly MadeResource[];
  /** Of these, what is still open. */
  open(): readonly MadeResource[];
  stop(): void;
}

const words: Readonly<Record<string, string>> = {
  Timeout: "timer",
  Immediate: "immediate",
  TCPWRAP: "socket",
  TCPSERVERWRAP: "server that listens",
  TCPCONNECTWRAP: "connection",
  PIPEWRAP: "pipe",
  PIPECONNECTWRAP: "connection to a local socket",
  UDPWRAP: "UDP socket",
  UDPSENDWRAP: "UDP packet",
  GETADDRINFOREQWRAP: "lookup of a name",
  QUERYWRAP: "lookup of a name",
  PROCESSWRAP: "process",
  WORKER: "worker thread",
  MESSAGEPORT: "message port",
  FSEVENTWRAP: "watched file",
  STATWATCHER: "watched file",
};

/** What leads out of the process, or looks for a way. */
const connecting = new Set(["TCPCONNECTWRAP", "UDPSENDWRAP", "GETADDRINFOREQWRAP", "QUERYWRAP"]);

export function isConnection({ type }: MadeResource): boolean {
  return connecting.has(type);
}

/** What Node's resources may have, of what is asked here. */
interface RawResource {
  /** Of a handle that was closed not true; a timer that was cleared, or has fired, says so in another way (`_destroyed`). */
  hasRef?(): boolean;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/** Notes what the author's code makes from now on, for this check. It slows the whole process down: to be stopped soon. */
export function watchResources(): WatchedResources {
  const made: MadeResource[] = [];
  const own = checkAtWork();
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      const what = words[type];
      if (what === undefined || !isAuthor()) return;
      // A call that an earlier check has left running goes on making its own.
      if ((checkAtWork() ?? own) !== own) return;
      const raw = resource as RawResource;
      const { stack = "" } = new Error("here");
      made.push({
        type,
        what,
        get to() {
          const host = raw.address ?? raw.hostname;
          return host === undefined
            ? undefined
            : raw.port === undefined
              ? host
              : `${host}:${raw.port}`;
        },
        where: (module) => placeInStack(stack, module),
        isOpen: () => raw.hasRef?.() === true && Reflect.get(raw, "_destroyed") !== true,
      });
    },
  });
  hook.enable();
  const stop = () => void hook.disable();
  return {
    made,
    open: () => made.filter((each) => each.isOpen()),
    stop,
    async [Symbol.asyncDispose]() {
      stop();
    },
  };
}
