/** A name for another one of this kind: `ollama`, `ollama-2` … */
export function freeName(kind: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? kind : `${kind}-${count}`;
    if (!taken.has(name)) return name;
  }
}
