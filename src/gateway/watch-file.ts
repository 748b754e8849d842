import fs from "node:fs";
import path from "node:path";

export interface FileWatchOptions {
  /** How long a file has to be left alone before it counts as written, in milliseconds. */
  readonly settleMs?: number;
  /** How often it is looked at where nothing tells of changes, on a network drive for one, in milliseconds. */
  readonly pollMs?: number;
  /** Tells two states of it apart, where more counts than the file itself. */
  readonly signatureOf?: (file: string) => string | Promise<string>;
}

/**
 * Calls `onChange` when a file may hold something else, or is gone, or there again. Its folder is watched, because editors write
 * beside a file and rename; and the file is looked at now and then, because not every file system tells. Gives what ends it.
 */
export function watchFile(
  file: string,
  onChange: () => void,
  { settleMs = 100, pollMs = 2_000, signatureOf = signatureOfFile }: FileWatchOptions = {},
): () => void {
  let seen = "";
  let settling: NodeJS.Timeout | undefined;
  let since = 0;
  let looking = false;
  let ended = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const found = await signatureOf(file);
    looking = false;
    if (ended || found === seen) return;
    seen = found;
    onChange();
  }

  /** Writes come in bursts. One that does not end is not waited for. */
  function onEvent(): void {
    const now = performance.now();
    if (settling === undefined) since = now;
    else if (now - since > 10 * settleMs) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = undefined;
      void look();
    }, settleMs).unref();
  }

  const poll = setInterval(() => void look(), pollMs).unref();
  const watcher = watchFolder(path.dirname(file), onEvent);
  return () => {
    ended = true;
    clearInterval(poll);
    clearTimeout(settling);
    watcher?.close();
  };
}

/** Undefined where the system has no watcher to give: the file is looked at all the same. */
function watchFolder(folder: string, onEvent: () => void): fs.FSWatcher | undefined {
  try {
    const watcher = fs.watch(folder, { persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Tells two states of a file apart; a link counts as what it leads to. */
async function signatureOfFile(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await fs.promises.stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
