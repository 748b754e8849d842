import type { Opened, OpenOptions, Source } from "./source.ts";

/**
 * Opens a file of any source.
 * @throws ModelyardError `download-failed` where the source has no such file, refuses, or can't be reached.
 */
export async function openSource(source: Source, options: OpenOptions): Promise<Opened> {
  // Imported on demand: who only lists models pays for no HTTP client.
  switch (source.kind) {
    case "hub":
      return (await import("./hub.ts")).openHub(source, options);
    case "https":
      return (await import("./https.ts")).openHttps(source, options);
    case "file":
      return (await import("./file.ts")).openFile(source, options);
    case "pypi":
      return (await import("./pypi.ts")).openPypi(source, options);
  }
}
