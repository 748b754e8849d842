const units = ["bytes", "kB", "MB", "GB", "TB"];

/** Bytes for people: `98.4 MB`, decimal as disks and networks count. */
export function formatBytes(bytes: number): string {
  let power = 0;
  let value = bytes;
  // 999,950 bytes would be written as 1000.0 kB.
  while (value >= (power === 0 ? 1000 : 999.95) && power < units.length - 1) {
    value /= 1000;
    power++;
  }
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
