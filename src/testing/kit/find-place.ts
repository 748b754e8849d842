import { Session } from "node:inspector";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of what is ours: `src`, or `dist` in the package. */
const ours = fileURLToPath(new URL("../..", import.meta.url));
/** Of ours, what stands between an author's code and the kit. Our own backends are an author's code too. */
const between = /^(testing|contract|engine|plugins|gateway|pipeline|cli)\//;

/** A frame of V8's: `at name (file:///folder/acme.ts:14:7)`. Node's own have no path. */
const framePattern = /(?:\(|\s)((?:file:\/\/)?\/[^\s()]+|[A-Z]:\\[^()]+):(\d+):\d+\)?$/gm;

/** The place in the author's code that a thrown value comes from: `acme.ts:14`; undefined where its stack names none. */
export function placeOfThrown(thrown: unknown, module?: string): string | undefined {
  const { stack, cause } = (thrown ?? {}) as { stack?: unknown; cause?: unknown };
  const own = typeof stack === "string" ? placeInStack(stack, module) : undefined;
  return own ?? (cause === undefined ? undefined : placeOfThrown(cause, module));
}

/** The author's frame nearest to where it happened. */
export function placeInStack(stack: string, module?: string): string | undefined {
  const frames = [...stack.matchAll(framePattern)].map(([, file = "", line = ""]) => ({
    file: toPath(file),
    line,
  }));
  const theirs = frames.filter(({ file }) => isAuthors(file));
  const folder = module === undefined ? undefined : path.dirname(toPath(module));
  const nearest =
    theirs.find(({ file }) => folder !== undefined && file.startsWith(folder + path.sep)) ??
    theirs.find(({ file }) => !file.includes("node_modules")) ??
    theirs[0];
  return nearest === undefined ? undefined : `${shown(nearest.file)}:${nearest.line}`;
}

/** Where a function is written: `acme.ts:14`; undefined where that can't be told, or it is ours. */
export function placeOfFunction(given: unknown): string | undefined {
  if (typeof given !== "function") return undefined;
  const session = new Session();
  const key = "modelyard.kit.function";
  const files = new Map<string, string>();
  let found: { scriptId: string; lineNumber: number } | undefined;
  try {
    session.connect();
    session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    Reflect.set(globalThis, key, given);
    session.post("Runtime.evaluate", { expression: `globalThis["${key}"]` }, (_, evaluated) => {
      const { objectId } = evaluated?.result ?? {};
      if (objectId === undefined) return;
      session.post("Runtime.getProperties", { objectId, ownProperties: true }, (__, properties) => {
        const location = properties?.internalProperties?.find(
          ({ name }) => name === "[[FunctionLocation]]",
        );
        found = location?.value?.value as typeof found;
      });
    });
  } catch {
    return undefined; // another debugger is at work: then it is only not said
  } finally {
    Reflect.deleteProperty(globalThis, key);
    session.disconnect();
  }
  const file = found === undefined ? "" : toPath(files.get(found.scriptId) ?? "");
  return found === undefined || !isAuthors(file)
    ? undefined
    : `${shown(file)}:${found.lineNumber + 1}`;
}

function toPath(file: string): string {
  const bare = file.replace(/\?.*$/, "");
  return bare.startsWith("file://") ? fileURLToPath(bare) : bare;
}

function isAuthors(file: string): boolean {
  if (!path.isAbsolute(file)) return false;
  if (/[\\/]node_modules[\\/](undici|zod|vitest|@vitest|vite)[\\/]/.test(file)) return false;
  return !file.startsWith(ours) || !between.test(file.slice(ours.length).replaceAll(path.sep, "/"));
}

/** As one would write it from here. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
