/** The beginning of a text that is no answer, on one line, for an error. */
export function quote(text: string, limit = 200): string {
  const line = text.replace(/\s+/g, " ").trim();
  return JSON.stringify(line.length > limit ? `${line.slice(0, limit)}…` : line);
}
