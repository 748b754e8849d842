import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createStderrLog, logLevels } from "./stderr-log.ts";

it.each(logLevels.map((level, index) => [level, 4 - index] as const))(
  "logs from %s on %d levels",
  (level, count) => {
    const stream = new PassThrough();
    const log = createStderrLog(stream, level);
    for (const name of ["debug", "info", "warn", "error"] as const) log[name](`a ${name}`);
    const lines = String(stream.read() ?? "").split("\n");
    expect(lines.length - 1).toBe(count);
    expect(lines.slice(0, -1).map((line) => line.split(":")[0])).toEqual(
      ["debug", "info", "warn", "error"].slice(4 - count),
    );
  },
);

it("says when, where the program runs long", () => {
  const stream = new PassThrough();
  createStderrLog(stream, "info", { times: true }).info("hello");
  expect(String(stream.read())).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info: hello\n$/);
});
