import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import echo from "../backends/echo.ts";
import { chat } from "../contract/capabilities/chat.ts";
import { createGateway } from "./gateway.ts";
import { followConfiguration } from "./follow-configuration.ts";
import { loadConfiguration } from "./load-configuration.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** As long as a busy machine may need. */
const waitFor = (check: () => unknown) => vi.waitFor(check, { timeout: 5_000 });

const aliased = (...names: string[]) =>
  JSON.stringify({
    backends: { parrot: { type: "echo" } },
    models: names.map((name) => ({ name, targets: ["parrot/x"] })),
  });

/** A gateway that follows a file in a folder of its own. */
async function follow({ link = false } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-follow-"));
  closing.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "modelyard.json");
  const real = link ? path.join(folder, "first", "real.json") : file;
  if (link) {
    fs.mkdirSync(path.dirname(real));
    fs.symlinkSync(real, file);
  }
  fs.writeFileSync(real, aliased("a"));
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = { debug: write, info: write, warn: write, error: write };
  const read = async () => {
    const wanted = { definitions: [echo], capabilities: [chat], environment: { ALIAS: "env" } };
    return { configuration: (await loadConfiguration(file, wanted)).configuration };
  };
  const first = await read();
  const gateway = createGateway({ ...first, definitions: [echo], file, log });
  closing.push(() => gateway.close());
  let taken = 0;
  gateway.on("configuration", () => taken++);
  closing.push(followConfiguration({ gateway, file, first, read, log, settleMs: 30, pollMs: 100 }));
  const names = async () => (await gateway.models()).map(({ name }) => name);
  return {
    folder,
    file,
    real,
    gateway,
    lines,
    names,
    get taken() {
      return taken;
    },
    becomes: (...wanted: string[]) => waitFor(async () => expect(await names()).toEqual(wanted)),
  };
}

describe("a configuration's file that changes", () => {
  it("is taken, with variables from the environment", async () => {
    const { file, becomes, gateway } = await follow();
    fs.writeFileSync(file, aliased("a", "${ALIAS}"));
    await becomes("a", "env");
    expect(await gateway.configuration()).toMatchObject({ file, admin: false });
  });

  it("is taken as editors write it: beside, and renamed", async () => {
    const { file, becomes, names } = await follow();
    fs.writeFileSync(`${file}.tmp`, aliased("b"));
    fs.renameSync(`${file}.tmp`, file);
    await becomes("b");
    fs.renameSync(file, `${file}~`);
    fs.writeFileSync(file, aliased("c"));
    await becomes("c");
    expect(await names()).toEqual(["c"]);
  });

  it("is taken once for many quick writes, other files beside it or not", async () => {
    const followed = await follow();
    const { file, folder, becomes } = followed;
    for (let count = 0; count < 20; count++) {
      fs.writeFileSync(file, aliased(`n${count}`));
      fs.writeFileSync(path.join(folder, "other.json"), String(count));
    }
    await becomes("n19");
    expect(followed.taken).toBeLessThan(3);
  });

  it("is taken whole or not at all: a broken one is told with every problem, and the former goes on", async () => {
    const { file, becomes, names, lines, gateway } = await follow();
    const broken = { backends: { parrot: { type: "ecko" } }, models: [{ name: "b" }] };
    fs.writeFileSync(file, JSON.stringify(broken));
    await waitFor(async () => {
      const { problem = "" } = await gateway.configuration();
      expect(problem).toContain('Did you mean "echo"?');
      expect(problem).toContain("models[0].targets");
    });
    expect(await names()).toEqual(["a"]);
    expect(lines).toEqual([expect.stringContaining("What was configured before goes on.")]);
    fs.writeFileSync(file, "{ half");
    await waitFor(() => expect(lines).toHaveLength(2));
    fs.writeFileSync(file, aliased("c"));
    await becomes("c");
    expect((await gateway.configuration()).problem).toBeUndefined();
  });

  it("is not called taken where the gateway can't take it, and is tried again", async () => {
    const { file, gateway, lines, becomes } = await follow();
    const reconfigure = vi.spyOn(gateway, "reconfigure").mockImplementationOnce(() => {
      throw new Error("no room");
    });
    fs.writeFileSync(file, aliased("b"));
    await waitFor(async () => {
      expect((await gateway.configuration()).problem).toBe("no room");
    });
    expect(lines).toEqual(["What was configured before goes on. no room"]);
    fs.writeFileSync(file, ` ${aliased("b")}`);
    await becomes("b");
    expect(reconfigure).toHaveBeenCalledTimes(2);
    expect((await gateway.configuration()).problem).toBeUndefined();
  });

  it("may be the former one again, which is no change", async () => {
    const followed = await follow();
    const { file, gateway, lines } = followed;
    fs.writeFileSync(file, "no");
    await waitFor(() => expect(lines).toHaveLength(1));
    fs.writeFileSync(file, aliased("a"));
    await waitFor(() => expect(lines[1]).toContain("is right again"));
    expect((await gateway.configuration()).problem).toBeUndefined();
  });

  it("may be deleted, and come back", async () => {
    const { file, becomes, names, lines } = await follow();
    fs.rmSync(file);
    await waitFor(() => expect(lines.join()).toContain("no such file"));
    expect(await names()).toEqual(["a"]);
    fs.writeFileSync(file, aliased("b"));
    await becomes("b");
  });

  it("may go with its folder, and come back with another", async () => {
    const { file, folder, becomes, lines } = await follow();
    fs.rmSync(folder, { recursive: true });
    await waitFor(() => expect(lines.join()).toContain("no such file"));
    fs.mkdirSync(folder);
    fs.writeFileSync(file, aliased("b"));
    await becomes("b");
    fs.writeFileSync(file, aliased("c"));
    await becomes("c");
  });

  it("may be a link: to a file that is written, or to another file from now on", async () => {
    const { file, folder, real, becomes, names } = await follow({ link: true });
    fs.writeFileSync(real, aliased("b"));
    await becomes("b");
    fs.writeFileSync(path.join(folder, "second.json"), aliased("c"));
    fs.symlinkSync(path.join(folder, "second.json"), `${file}.new`);
    fs.renameSync(`${file}.new`, file);
    await becomes("c");
    expect(await names()).toEqual(["c"]);
  });

  it("says what takes a restart", async () => {
    const { file, gateway, lines } = await follow();
    fs.writeFileSync(file, JSON.stringify({ server: { port: 4711, host: "::1" } }));
    await waitFor(() => expect(lines).toHaveLength(3));
    expect(lines.slice(1)).toEqual([
      "server.host has changed: that takes a restart.",
      "server.port has changed: that takes a restart.",
    ]);
    expect(await gateway.configuration()).toMatchObject({
      needsRestart: ["server.host", "server.port"],
    });
  });
});
