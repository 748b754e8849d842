/** Text that others wrote, as a terminal may have it: what could move its cursor or change its colours is left out. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "");
}
