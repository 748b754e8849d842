/** The first few of many, on one line: `a, b, c and 12 more`. */
export function listSome(items: readonly string[], limit = 5): string {
  const shown = items.slice(0, limit).join(", ");
  return items.length > limit ? `${shown} and ${items.length - limit} more` : shown;
}
