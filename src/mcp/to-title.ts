/** A tool's name for people: `list_models` is "List models". */
export function toTitle(name: string): string {
  const words = name.replaceAll(/[_-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
