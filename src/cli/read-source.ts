import type { Source } from "./services.ts";

/** Options of ours that take the next word. */
const taking = new Set(["--config", "--plugin", "--log-level"]);

/** What the words say before they are parsed: the command, and what its verbs depend on. */
export function readSource(words: readonly string[]): {
  command: string | undefined;
  source: Source;
} {
  const plugins: string[] = [];
  let config: string | undefined;
  let command: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") break;
    const [, name = word, value = taking.has(word) ? words[++index] : undefined] =
      /^(--[a-z-]+)=(.*)$/.exec(word) ?? [];
    if (name === "--config") config = value;
    else if (name === "--plugin" && value !== undefined) plugins.push(value);
    else if (!word.startsWith("-")) command ??= word;
  }
  if (command === "help") command = words[words.indexOf("help") + 1];
  return { command, source: { config, plugins } };
}
