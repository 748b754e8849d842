/** The pace of models. */
export const eventsPerSecond = 33;

/** What the event at this place of this stream says. */
export function textOf(stream: string, index: number): string {
  return `${stream}:${index} `;
}
