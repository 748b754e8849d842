import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startFileServer, type FileServer } from "../../../weights/__fixtures__/file-server.ts";

/** A server that speaks the hub's protocol. */
export interface TinyHub extends FileServer {
  /** Serves a folder as a repository; `commit` is what its revision stands for. */
  add(repository: string, folder: string, at?: { revision: string; commit: string }): Promise<void>;
  /** From now on the repository is shown to one token only, as the hub does with models whose terms are to be accepted. */
  gate(repository: string): void;
}

export async function startTinyHub(): Promise<TinyHub> {
  const server = await startFileServer();
  return {
    ...server,
    async add(repository, folder, { revision, commit } = { revision: "main", commit: "c0ffee" }) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const names = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
      const siblings = names.map((rfilename) => ({ rfilename }));
      for (const each of [revision, commit])
        server.files.set(`/api/models/${repository}/revision/${each}`, {
          body: JSON.stringify({ sha: commit, siblings }),
        });
      for (const name of names)
        server.files.set(`/${repository}/resolve/${commit}/${name}`, {
          body: await readFile(join(folder, name)),
          headers: { "x-repo-commit": commit },
        });
    },
    gate(repository) {
      for (const [path, file] of server.files)
        if (path.startsWith(`/${repository}/`))
          server.files.set(path, {
            ...file,
            status: 401,
            headers: { "x-error-code": "GatedRepo" },
          });
    },
  };
}
