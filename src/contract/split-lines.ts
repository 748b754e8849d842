import { ModelyardError } from "./errors.ts";

/**
 * Makes what takes a text's pieces and gives its whole lines, each piece looked at once however long its line becomes.
 * @throws `invalid-response` where a line grows beyond the limit, in characters.
 */
export function createLineSplitter(maxCharacters: number): (piece: string) => string[] {
  let parts: string[] = [];
  let length = 0;
  return (piece) => {
    const lines = piece.split("\n");
    const rest = lines.pop() ?? "";
    if (lines.length > 0) {
      lines[0] = parts.join("") + lines[0];
      parts = [];
      length = 0;
    }
    parts.push(rest);
    length += rest.length;
    if (length > maxCharacters || lines.some((line) => line.length > maxCharacters))
      throw new ModelyardError(
        "invalid-response",
        `A line of the answer is longer than ${maxCharacters} characters.`,
      );
    return lines;
  };
}
