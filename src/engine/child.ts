/** The entry of an engine's process. Not to be imported: it takes over the process. */
import type { AnyBackendDefinition, Backend, LoadContext, Log } from "../contract/backend.ts";
import type { AnyHandler } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { startId, type FromChild, type ToChild } from "./messages.ts";
import { redirectPackages } from "./redirect-packages.ts";
import { noFetch, runCall, type RunningCall } from "./run-call.ts";
import { serializeError } from "./serialize-error.ts";
import { watchParent } from "./watch-parent.ts";

const calls = new Map<number, RunningCall>();
let backend: Backend | undefined;

function send(message: FromChild): void {
  process.send?.(message);
}

const log: Log = {
  debug: (message) => send({ type: "log", level: "debug", message }),
  info: (message) => send({ type: "log", level: "info", message }),
  warn: (message) => send({ type: "log", level: "warn", message }),
  error: (message) => send({ type: "log", level: "error", message }),
};

async function create(message: Extract<ToChild, { type: "create" }>): Promise<void> {
  try {
    process.title = `modelyard engine ${message.name}`;
    if (message.packages !== undefined) redirectPackages(message.packages);
    const { default: definition } = (await import(message.module)) as {
      default?: AnyBackendDefinition;
    };
    if (typeof definition?.create !== "function") {
      throw new ModelyardError(
        "internal",
        `The module of ${message.name} does not export its definition by default.`,
      );
    }
    const { name, config } = message;
    backend = definition.create({ name, config, log, fetch: noFetch, unloaded() {}, secret() {} });
    send({ type: "ready" });
    // Not before: a thread takes a while to start, and until here nothing blocks this one.
    watchParent(Number(process.argv[2]));
  } catch (error) {
    send({ type: "error", id: startId, error: serializeError(error) });
  }
}

function track(id: number, call: RunningCall): void {
  calls.set(id, call);
  void call.done.then(() => calls.delete(id));
}

function call(message: Extract<ToChild, { type: "call" }>): void {
  const handlers = backend?.capabilities as Record<string, AnyHandler | undefined> | undefined;
  const handler = handlers?.[message.capability];
  if (handler !== undefined) return track(message.id, runCall(handler, message, send));
  const error = new ModelyardError(
    "capability-not-supported",
    `There is no handler for ${message.capability} behind the process wall.`,
  );
  send({ type: "error", id: message.id, error: serializeError(error) });
}

/** Load and unload look like a call that does not stream. */
function change(
  message: Extract<ToChild, { type: "load" | "unload" }>,
  work: (model: string, context: LoadContext) => Promise<unknown>,
): void {
  const asCall = {
    ...message,
    type: "call",
    capability: message.type,
    request: undefined,
  } as const;
  const handler: AnyHandler = (_request, context) => work(message.model, context);
  track(message.id, runCall(handler, { ...asCall, stream: false }, send));
}

async function shutdown(): Promise<void> {
  const reason = new ModelyardError("cancelled", "The engine is shutting down.");
  const running = [...calls.values()];
  for (const call of running) call.abort(reason);
  await Promise.all(running.map(({ done }) => done));
  try {
    await backend?.shutdown?.();
  } catch (error) {
    log.warn(`Shutting down: ${String(error)}`);
  }
  process.removeAllListeners("disconnect");
  process.disconnect();
  process.exit(0);
}

process.on("message", (message: ToChild) => {
  switch (message.type) {
    case "create":
      return void create(message);
    case "call":
      return call(message);
    case "load":
      return change(message, async (model, context) => backend?.load?.(model, context));
    case "unload":
      return change(message, async (model) => backend?.unload?.(model));
    case "credit":
      return calls.get(message.id)?.grant(message.events);
    case "abort":
      return calls.get(message.id)?.abort(ModelyardError.fromJSON(message.reason));
    case "shutdown":
      return void shutdown();
  }
});

// Not `exit`: an engine's own destructors may hang, and nobody is left to wait for them.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

// A terminal sends these to the whole group; the parent decides what they mean for us.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// A native library's stray rejection must not cost every other call its answer.
process.on("unhandledRejection", (error) => log.error(`Unhandled rejection: ${String(error)}`));
