import { fileURLToPath } from "node:url";
import type { Problem } from "./problem.ts";

/** What an import threw, as far as it can cross a process wall. */
export interface Thrown {
  readonly name?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
}

const longestMessage = 500;

/** Says what is wrong with a module that could not be imported, where, and what to do. `lastWords`: what its process wrote as it ended. */
export function describeImportFailure(thrown: Thrown, lastWords = ""): Problem {
  const { name, code, message, stack } = thrown;
  const place =
    leadingPlace(stack) ??
    (name === "SyntaxError" ? leadingPlace(lastWords.trimStart()) : frameOf(stack));
  const at = place === undefined ? "" : ` (${place})`;
  const said = `${shorten(message)}${at}.`;
  switch (code) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return {
        problem: `It holds TypeScript that Node can't run: ${said}`,
        remedy:
          "Node takes types out and does no more: write an object instead of an enum or a namespace, and assign fields instead of declaring them as parameters.",
      };
    case "ERR_MODULE_NOT_FOUND":
    case "MODULE_NOT_FOUND":
      // The message tells where.
      return {
        problem: `It imports what is not there: ${shorten(message)}.`,
        remedy: remedyOfMissing(message),
      };
    case "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING":
      return {
        problem: `It imports TypeScript inside node_modules, which Node does not run: ${said}`,
        remedy: "A package has to hold JavaScript: build it first.",
      };
  }
  if (name === "SyntaxError" && message.includes("does not provide an export named")) {
    return { problem: `It imports what is not there: ${said}`, remedy: "Mend the name there." };
  }
  if (name === "SyntaxError")
    return { problem: `It can't be read: ${said}`, remedy: "Mend the syntax there." };
  return {
    problem: `It throws while it is imported: ${said}`,
    remedy: "Mend it there; what may fail belongs into `create` or `initialize`.",
  };
}

function remedyOfMissing(message: string): string {
  const [, name] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  if (name === "modelyard")
    return "What plugins may import of it is modelyard/backend and modelyard/testing: its own files are no part of that.";
  return name === undefined
    ? "Mend the path of that import: a relative one ends in its file's extension."
    : `Install it where the plugin lies: npm install ${name}.`;
}

/** `/plugins/acme.ts:3`, where a text begins with it: so Node shows the line that can't be read. */
export function leadingPlace(text: string | undefined): string | undefined {
  const [, file, line] = /^(\S.*?):(\d+)\r?\n/.exec(text ?? "") ?? [];
  return file === undefined ? undefined : `${toPath(file)}:${line}`;
}

const own = new URL("../", import.meta.url).href;

/** The place of the first frame that is neither part of Node nor ours. */
function frameOf(stack: string | undefined): string | undefined {
  for (const frame of (stack ?? "").split("\n")) {
    const [, file, line, column] =
      /^\s+at (?:async )?(?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(
        frame,
      ) ?? [];
    if (file !== undefined && !file.startsWith(own)) return `${toPath(file)}:${line}:${column}`;
  }
  return undefined;
}

function toPath(file: string): string {
  return file.startsWith("file:") ? fileURLToPath(file.replace(/\?.*$/, "")) : file;
}

function shorten(message: string): string {
  const [first = ""] = message.split("\n");
  const text = first.replace(/\.$/, "");
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
