import { accessSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** npm's own script, to be run with our Node: the one that started us, else beside Node, else on the path. */
export function findNpm(environment: NodeJS.ProcessEnv, nodePath: string): string | undefined {
  const starter = environment["npm_execpath"];
  // Other package managers set it to themselves.
  const candidates = starter?.endsWith("npm-cli.js") === true ? [starter] : [];
  const script = join("node_modules", "npm", "bin", "npm-cli.js");
  const path = environment["PATH"] ?? environment["Path"] ?? "";
  for (const folder of [dirname(nodePath), ...path.split(delimiter)]) {
    if (folder === "") continue;
    // On Windows npm lies beside node.exe, elsewhere in `lib` or behind a link.
    candidates.push(join(folder, script), join(folder, "..", "lib", script));
    const link = realPathOf(join(folder, "npm"));
    if (link?.endsWith(".js") === true) candidates.push(link);
  }
  return candidates.find(exists);
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    // That is the question.
    return false;
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // Not every folder holds one.
    return undefined;
  }
}
