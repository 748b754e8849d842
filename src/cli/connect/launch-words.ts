import { fileURLToPath } from "node:url";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where this file lies below the program's folder, in the sources and in what is built alike. */
const here = /\/(src|dist)\/cli\/connect\/launch-words\.(ts|js)$/;

/** The words that launch this program: through npx where it was installed, with this very Node from a clone. */
export function launchWords({
  url = import.meta.url,
  platform = process.platform,
  node = process.execPath,
}: { url?: string; platform?: NodeJS.Platform; node?: string } = {}): Launch {
  if (!url.includes("/node_modules/")) {
    const main = fileURLToPath(url.replace(here, "/$1/cli/main.$2"));
    return { command: node, args: [main] };
  }
  // On Windows npx is a batch file, which no program can start by itself.
  const [command = "", ...args] = [
    ...(platform === "win32" ? ["cmd", "/c"] : []),
    "npx",
    "-y",
    "modelyard",
  ];
  return { command, args };
}
