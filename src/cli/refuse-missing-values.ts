import type { Command } from "commander";

/** `--json`, `--config=x`, `-m`: what stands there where a value was forgotten; a negative number, a bullet point or a minus does not. */
const optionWord = /^(--[a-z][\w-]*(=.*)?|-[a-z])$/i;

/** Ends a command line in which an option that takes a value is followed by an option: the parser would take that for the value. */
export function refuseMissingValues(command: Command): void {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (words) => {
    for (let index = 0; index < words.length && words[index] !== "--"; index++) {
      const word = words[index];
      const option = command.options.find(({ short, long }) => word === short || word === long);
      if (option?.required !== true) continue;
      const value = words[++index] ?? "";
      if (!optionWord.test(value)) continue;
      const literally = `${option.long ?? option.short}=${value}`;
      command.error(
        `error: option '${option.flags}' argument missing: '${value}' follows. If that is its value, write ${literally}`,
      );
    }
    return parse(words);
  };
}
