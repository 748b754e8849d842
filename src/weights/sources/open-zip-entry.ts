import type { Readable } from "node:stream";
import type { Entry, ZipFile } from "yauzl";
import { ModelyardError } from "../../contract/errors.ts";

export interface ZipEntry {
  stream: Readable;
  sizeBytes: number;
}

/**
 * Opens one file of a zip archive as a stream, unpacked as it is read.
 * @throws ModelyardError `download-failed` where the archive is broken or has no such file.
 */
export async function openZipEntry(archivePath: string, name: string): Promise<ZipEntry> {
  const { open } = (await import("yauzl")).default;
  const archive = await new Promise<ZipFile>((resolve, reject) => {
    open(archivePath, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(broken(error)) : resolve(opened),
    );
  });
  try {
    const entry = await findEntry(archive, name);
    const stream = await new Promise<Readable>((resolve, reject) => {
      archive.openReadStream(entry, (error, opened) =>
        error ? reject(broken(error)) : resolve(opened),
      );
    });
    stream.once("close", () => archive.close());
    return { stream, sizeBytes: entry.uncompressedSize };
  } catch (error) {
    archive.close();
    throw error;
  }
}

function findEntry(archive: ZipFile, name: string): Promise<Entry> {
  return new Promise((resolve, reject) => {
    archive.on("error", (error) => reject(broken(error)));
    archive.on("end", () =>
      reject(new ModelyardError("download-failed", `the package holds no ${name}`)),
    );
    archive.on("entry", (entry: Entry) => {
      if (entry.fileName === name) resolve(entry);
      else archive.readEntry();
    });
    archive.readEntry();
  });
}

function broken(error: unknown): ModelyardError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ModelyardError("download-failed", `the package can't be unpacked: ${reason}`, {
    cause: error,
  });
}
