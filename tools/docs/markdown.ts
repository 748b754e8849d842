/** A table, its first row being its head. */
export function toTable(rows: readonly string[][]): string {
  const [header = [], ...body] = rows;
  return [header, header.map(() => "---"), ...body]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** A block of code. */
export function toCode(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
