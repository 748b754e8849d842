import fs from "node:fs";
import path from "node:path";

const sources = /\.([cm]?[jt]s|json)$/;
/** A folder with more of them is no plugin's own: the first so many are looked at. */
const mostFiles = 200;

/** Tells two states of a plugin apart: its file, and the sources beside it. A file that is gone has a state too. */
export function sourceSignature(file: string): string {
  const folder = path.dirname(file);
  const names = [path.basename(file), ...namesIn(folder).filter((name) => sources.test(name))];
  return names
    .slice(0, mostFiles)
    .map((name) => `${name} ${stateOf(path.join(folder, name))}`)
    .join("\n");
}

function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = fs.statSync(file, { bigint: true });
    return [ino, size, mtimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).toSorted();
  } catch {
    // Gone, and so is the file.
    return [];
  }
}
