/** The entry of an engine's process. Not to be imported: it takes over the process. */
import { fileURLToPath } from "node:url";
import type { AnyBackendDefinition, Backend, Log } from "../contract/backend.ts";
import type { AnyHandler } from "../contract/capability.ts";
import { createBackend } from "../contract/create-backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { GuardedFetch } from "../contract/http/guarded-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { createSecrets } from "../contract/http/secrets.ts";
import { describeStray } from "../contract/describe-stray.ts";
import { printToStderr } from "../contract/print-to-stderr.ts";
import { readExports } from "../contract/read-exports.ts";
import { serveSources } from "../plugins/kept-sources.ts";
import { resolveOwnSubpaths } from "../plugins/resolve-own-subpaths.ts";
import { askMethod } from "./ask-method.ts";
import { startId, type ChildGuard, type FromChild, type ToChild } from "./messages.ts";
import { redirectPackages } from "./redirect-packages.ts";
import { noFetch, runCall, type RunningCall } from "./run-call.ts";
import { serializeError } from "./serialize-error.ts";
import { watchParent } from "./watch-parent.ts";

const calls = new Map<number, RunningCall>();
let backend: Backend | undefined;
let guarded: GuardedFetch | undefined;
/** How far anything may go. */
let widest: PrivacyClass = "device";

function send(message: FromChild): void {
  process.send?.(message);
}

const secrets = createSecrets((value) => send({ type: "secret", value }));

const log: Log = {
  debug: (message) => send({ type: "log", level: "debug", message }),
  info: (message) => send({ type: "log", level: "info", message }),
  warn: (message) => send({ type: "log", level: "warn", message }),
  error: (message) => send({ type: "log", level: "error", message }),
};

async function create(message: Extract<ToChild, { type: "create" }>): Promise<void> {
  try {
    const { name, config, directory, guard, packages, sources } = message;
    process.title = `modelyard engine ${name}`;
    // A stranger's module may never end; of one of ours a thread takes a while to start, and until it is ready nothing blocks this one.
    if (guard !== undefined) {
      watchParent(Number(process.argv[2]));
      // What an author prints to look at it is found where its errors are.
      printToStderr();
    }
    if (packages !== undefined) redirectPackages(packages);
    resolveOwnSubpaths();
    if (sources !== undefined) serveSources(sources);
    const definition = await importDefinition(message);
    if (guard !== undefined) guarded = await openFetch(guard);
    backend = createBackend(definition, {
      name,
      config,
      directory,
      log,
      fetch: guarded?.fetch ?? noFetch,
      unloaded: (model) => send({ type: "unloaded", model }),
      secret: secrets.add,
    });
    send({ type: "ready" });
    if (guard === undefined) watchParent(Number(process.argv[2]));
  } catch (error) {
    send({ type: "error", id: startId, error: serializeError(error) });
  }
}

async function importDefinition({
  module,
  kind,
  name,
}: Extract<ToChild, { type: "create" }>): Promise<AnyBackendDefinition> {
  const found = readExports(await importAsItIs(module));
  const definition =
    found.problem === undefined ? found.definitions.find(({ type }) => type === kind) : undefined;
  if (definition !== undefined) return definition;
  throw new ModelyardError(
    "backend-unavailable",
    `The module of ${name} does not export the backend ${JSON.stringify(kind)}${found.problem === undefined ? "" : `: ${found.problem}`}.`,
    { remedy: "Export what was configured from the module that it came from, by default." },
  );
}

/** What was imported elsewhere a while ago may have been changed since. */
async function importAsItIs(module: string): Promise<object> {
  try {
    return (await import(module)) as object;
  } catch (cause) {
    const [said = ""] = String(cause).split("\n");
    throw new ModelyardError(
      "backend-unavailable",
      `${fileURLToPath(new URL(module))} can't be imported as it is now: ${said}`,
      { cause, remedy: "Mend it there; where it is watched, it is taken up when it is saved." },
    );
  }
}

async function openFetch(guard: ChildGuard): Promise<GuardedFetch> {
  const { createLazyFetch } = await import("../contract/http/lazy-fetch.ts");
  widest = guard.widest;
  return createLazyFetch({ ...guard, widest: () => widest, secrets });
}

function track(id: number, call: RunningCall): void {
  calls.set(id, call);
  void call.done.then(() => calls.delete(id));
}

function call(message: Extract<ToChild, { type: "call" }>): void {
  const handlers = backend?.capabilities as Record<string, AnyHandler | undefined> | undefined;
  const handler = handlers?.[message.capability];
  if (handler !== undefined)
    return track(message.id, runCall(handler, message, { send, fetch: guarded?.fetch }));
  const error = new ModelyardError(
    "capability-not-supported",
    `There is no handler for ${message.capability} behind the process wall.`,
  );
  send({ type: "error", id: message.id, error: serializeError(error) });
}

/** A method looks like a call. */
function ask(message: Extract<ToChild, { type: "method" }>): void {
  const asCall = {
    ...message,
    type: "call",
    capability: message.method,
    request: undefined,
    stream: message.credits !== undefined,
  } as const;
  const handler: AnyHandler = (_request, context) => askMethod(backend!, message, context);
  // As it is called where there is no wall.
  const isUnavailable = message.method === "initialize" || message.method === "listModels";
  const code = isUnavailable ? "backend-unavailable" : undefined;
  track(message.id, runCall(handler, asCall, { send, code, called: `method ${message.method}` }));
}

function abort(message: Extract<ToChild, { type: "abort" }>): void {
  if (guarded !== undefined) send({ type: "heard" });
  calls.get(message.id)?.abort(ModelyardError.fromJSON(message.reason));
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
    case "method":
      return ask(message);
    case "credit":
      return calls.get(message.id)?.grant(message.events);
    case "abort":
      return abort(message);
    case "widest":
      return void (widest = message.widest);
    case "shutdown":
      return void shutdown();
  }
});

// Not `exit`: an engine's own destructors may hang, and nobody is left to wait for them.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

// A terminal sends these to the whole group; the parent decides what they mean for us.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// A native library's stray rejection must not cost every other call its answer.
process.on("unhandledRejection", (error) => log.error(describeStray(error)));
