import { formatBytes } from "../contract/format-bytes.ts";
import type { Progress } from "../contract/progress.ts";

/** What goes on, in a few words. */
export function describeProgress(event: Progress): string {
  switch (event.phase) {
    case "queue":
      return `Waiting for a free place, ${event.position} in line`;
    case "install":
      return `Installing ${event.name}: ${event.message}`;
    case "pull": {
      const total = event.totalBytes === undefined ? "" : ` of ${formatBytes(event.totalBytes)}`;
      return `Fetching ${event.model}: ${formatBytes(event.doneBytes)}${total}`;
    }
    case "load": {
      const share = event.fraction === undefined ? "" : `: ${Math.floor(event.fraction * 100)} %`;
      return `Loading ${event.model}${share}`;
    }
    case "prompt":
      return `Reading the prompt: ${event.doneTokens} of ${event.totalTokens} tokens`;
  }
}
