import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** A folder in the user's cache that real peers and models are kept in; it is made where it is not there. */
export async function peersFolder(name: string): Promise<string> {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(cache, "modelyard-peers", name);
  await mkdir(folder, { recursive: true });
  return folder;
}
