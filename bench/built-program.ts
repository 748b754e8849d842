import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { MissingIngredient } from "../test/peers/missing-ingredient.ts";

const root = path.join(import.meta.dirname, "..");
const run = promisify(execFile);

/** The program as it is shipped, `dist/cli/main.js`; built first where the source is newer. */
export async function builtProgram(): Promise<string> {
  const program = path.join(root, "dist", "cli", "main.js");
  const written = await newest(path.join(root, "src"));
  if (written > (await builtAt(program))) {
    await run("npm", ["run", "build"], { cwd: root }).catch((cause: unknown) => {
      throw new MissingIngredient("npm run build fails", { cause });
    });
  }
  if (written > (await builtAt(program)))
    throw new MissingIngredient("npm run build makes no new dist/cli/main.js");
  return program;
}

async function builtAt(program: string): Promise<number> {
  return existsSync(program) ? (await stat(program)).mtimeMs : 0;
}

/** When the youngest file that goes into the build was written. */
async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sources = entries.filter(
    (entry) =>
      entry.isFile() &&
      !entry.name.endsWith(".test.ts") &&
      !entry.parentPath.includes("__fixtures__"),
  );
  const times = await Promise.all(
    sources.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).mtimeMs),
  );
  return Math.max(...times);
}
