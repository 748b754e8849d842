/** What one warning, and all of them together, may take of a header, in characters. */
const longestWarning = 300;
const longestHeader = 4_000;

/** Warnings as a header holds them: a JSON array in ASCII; undefined where there are none. What is too long is cut, and counted. */
export function toWarningsHeader(warnings: readonly string[]): string | undefined {
  if (warnings.length === 0) return undefined;
  const items: string[] = [];
  let length = 2;
  for (const [index, warning] of warnings.entries()) {
    const item = toAscii(JSON.stringify(shorten(warning)));
    length += item.length + 1;
    if (length > longestHeader) {
      items.push(`"and ${warnings.length - index} more"`);
      break;
    }
    items.push(item);
  }
  return `[${items.join(",")}]`;
}

/** JSON text with every character beyond ASCII escaped; also a name that is to stand in a header. */
export function toAscii(text: string): string {
  if (plain.test(text)) return text;
  return text.replaceAll(
    /[^\u0020-\u007E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const plain = /^[\u0020-\u007E]*$/;

function shorten(text: string): string {
  return text.length <= longestWarning ? text : `${text.slice(0, longestWarning - 1)}…`;
}
