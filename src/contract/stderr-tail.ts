import type { Readable } from "node:stream";

const maxLines = 20;
const maxCharacters = 300;
/** A shorter text is found in any line, so that nothing would be left. */
const shortestText = 8;
const pieceCharacters = 12;

/** The last lines of a stream, each cut short. What quotes a text that must not leave (`secrets`, asked for with each line) is left out. */
export function stderrTail(
  stream: Readable,
  secrets: () => Iterable<unknown>,
  onLine: (line: string) => void,
): readonly string[] {
  const lines: string[] = [];
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const parts = (rest + chunk).split(/\r?\n/);
    rest = (parts.pop() ?? "").slice(-maxCharacters * 10);
    for (const part of parts) add(part);
  });
  stream.on("end", () => add(rest));
  stream.on("error", () => add(rest));

  function add(raw: string): void {
    if (raw.trim() === "") return;
    const shown = raw.slice(0, maxCharacters);
    const line = quotes(shown, secrets()) ? "(a line that quotes a request)" : shown;
    lines.push(line);
    if (lines.length > maxLines) lines.shift();
    onLine(line);
  }
  return lines;
}

function quotes(line: string, secrets: Iterable<unknown>): boolean {
  for (const secret of secrets) if (holdsQuote(line, secret)) return true;
  return false;
}

function holdsQuote(line: string, value: unknown): boolean {
  if (typeof value === "string") {
    if (value.length >= shortestText && line.includes(value)) return true;
    // A quote of twice this length holds one of these pieces whole.
    for (let at = 0; at + pieceCharacters <= line.length; at += pieceCharacters) {
      if (value.includes(line.slice(at, at + pieceCharacters))) return true;
    }
    return false;
  }
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => holdsQuote(line, inner));
}
