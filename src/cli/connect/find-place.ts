import path from "node:path";
import type { Client, Place } from "./clients.ts";

/** The machine that a place is looked for on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The project's folder. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a place lies on this machine. */
export function findPlace(place: Place, machine: Machine): string {
  const { platform, home, directory, environment } = machine;
  const known = platform === "darwin" || platform === "win32" ? platform : "linux";
  const written = typeof place === "string" ? place : place[known];
  const { join, resolve } = platform === "win32" ? path.win32 : path.posix;
  if (written.startsWith("%APPDATA%")) {
    const folder = environment["APPDATA"] || join(home, "AppData", "Roaming");
    return join(folder, written.slice("%APPDATA%".length));
  }
  if (written.startsWith("~/.config/")) {
    const folder = environment["XDG_CONFIG_HOME"] || join(home, ".config");
    return join(folder, written.slice("~/.config/".length));
  }
  return written.startsWith("~") ? join(home, written.slice(1)) : resolve(directory, written);
}

/** Where a client's file lies on this machine. */
export function findClientFile(
  { file, folderVariable }: Pick<Client, "file" | "folderVariable">,
  machine: Machine,
): string {
  const found = findPlace(file, machine);
  const folder = folderVariable === undefined ? undefined : machine.environment[folderVariable];
  return folder ? path.join(folder, path.basename(found)) : found;
}
