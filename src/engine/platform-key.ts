/** This machine's platform, as an engine's `binaries` name it: `linux-x64`, `linux-x64-musl`, `darwin-arm64`. */
export function platformKey(): string {
  const key = `${process.platform}-${process.arch}`;
  return process.platform === "linux" && !hasGlibc() ? `${key}-musl` : key;
}

function hasGlibc(): boolean {
  // With the network left out the report takes a millisecond instead of a reverse look-up of each address.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}
