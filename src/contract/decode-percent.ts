/** Undoes percent encoding; what holds a percent sign of its own was not encoded, and stays as it is. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It is no encoding, so that nothing is to be undone.
    return text;
  }
}
