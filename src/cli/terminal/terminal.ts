import { once } from "node:events";
import type { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import { styleText } from "node:util";
import { printToStderr } from "../../contract/print-to-stderr.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a command reads and writes: standard output carries the answer alone, everything else goes to standard error. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & Partial<Pick<ReadStream, "isTTY" | "setRawMode">>;
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly environment: NodeJS.ProcessEnv;
}

/** The process's own streams. From here on who asks the process for standard output, or prints to the console, gets standard error: plugins and libraries do. */
export function takeTerminal(): Terminal {
  const { stdin: input, stdout: output, stderr: errors, env: environment } = process;
  printToStderr();
  return { input, output, errors, environment };
}

/** Writes to a stream and waits while its reader is behind; a reader who has gone ends the wait. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.writable || stream.write(text)) return;
  const over = new AbortController();
  const waits = ["drain", "close", "error"].map((event) =>
    once(stream, event, { signal: over.signal }),
  );
  // A stream that broke is noticed by the next write; here it only ends the wait.
  await Promise.race(waits).catch(() => undefined);
  over.abort();
  await Promise.allSettled(waits);
}

/** Text in colour where `stream` is a terminal that shows it; NO_COLOR and FORCE_COLOR are heeded. */
export function paint(stream: NodeJS.WritableStream, style: Style, text: string): string {
  return styleText(style, text, { stream });
}
