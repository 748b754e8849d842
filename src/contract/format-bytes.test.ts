import { expect, it } from "vitest";
import { formatBytes } from "./format-bytes.ts";

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [98_362_432, "98.4 MB"],
  [999_960, "1.0 MB"],
  [4_920_000_000, "4.9 GB"],
  [3e15, "3000.0 TB"],
])("writes %d as %s", (bytes, written) => {
  expect(formatBytes(bytes)).toBe(written);
});
