import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EnginePackages } from "../contract/backend.ts";
import { isolated } from "./__fixtures__/harness.ts";
import { ensurePackages, findInstalled, type EnsureOptions } from "./install.ts";
import { platformKey } from "./platform-key.ts";

/** A stand-in for npm: installs empty packages, after a while, or does what FAKE_NPM says. */
const fakeNpm = `
const { mkdirSync, readFileSync, writeFileSync, appendFileSync } = require("node:fs");
const mode = process.env.FAKE_NPM;
appendFileSync("../../../../runs.log", process.argv.slice(2).join(" ") + "\\n");
if (mode === "fail") {
  console.error("npm error code E404\\nnpm error 404 Not Found - no such version\\nnpm error A complete log of this run can be found in: x");
  process.exit(1);
}
if (mode === "hang") setInterval(() => {}, 1000);
else setTimeout(() => {
  console.error("npm http fetch GET 200 https://registry.example/left/-/left-1.2.3.tgz 5ms");
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const [name, version] of Object.entries(dependencies)) {
    mkdirSync("node_modules/" + name, { recursive: true });
    writeFileSync("node_modules/" + name + "/package.json", JSON.stringify({ name, version, main: "index.js" }));
    writeFileSync("node_modules/" + name + "/index.js", "module.exports = 1");
    for (const other of ["plan9/mips", process.platform + "/mips", process.platform + "/" + process.arch])
      mkdirSync("node_modules/" + name + "/bin/napi-v6/" + other, { recursive: true });
  }
}, 100);
`;

const packages: EnginePackages = { versions: { "modelyard-test-left": "1.2.3" } };
const engine = { type: "test", packages };
let root = "";
let progress: string[] = [];

function options(environment: NodeJS.ProcessEnv = {}): EnsureOptions {
  return {
    signal: new AbortController().signal,
    progress: (event) => void (event.phase === "install" && progress.push(event.message)),
    from: [join(root, "project")],
    environment: {
      XDG_CACHE_HOME: join(root, "cache"),
      npm_execpath: join(root, "npm-cli.js"),
      ...environment,
    },
  };
}

async function installIn(folder: string, name: string, version: string): Promise<void> {
  await mkdir(join(folder, "node_modules", name), { recursive: true });
  await writeFile(
    join(folder, "node_modules", name, "package.json"),
    JSON.stringify({ name, version }),
  );
}

const runs = async () => (await readFile(join(root, "runs.log"), "utf8")).trim().split("\n");
const cached = () => readdir(join(root, "cache", "modelyard", "engines"));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "modelyard-install-"));
  progress = [];
  await writeFile(join(root, "npm-cli.js"), fakeNpm);
  await mkdir(join(root, "project", "inner"), { recursive: true });
});

afterEach(async () => {
  delete process.env["FAKE_NPM"];
  await rm(root, { recursive: true, force: true });
});

describe("an engine's packages", () => {
  it("are taken from where they are installed, if need be further up, in another patch version", async () => {
    await installIn(join(root, "project"), "modelyard-test-left", "1.2.9");
    const from = [join(root, "project", "inner")];
    const place = await ensurePackages(engine, { ...options(), from });
    expect(place).toEqual({ names: ["modelyard-test-left"], folder: from[0] });
  });

  it.each([
    ["another version", packages, "1.3.0"],
    [
      "no binaries",
      { ...packages, binaries: { [platformKey()]: { "modelyard-test-binary": "1.2.3" } } },
      "1.2.3",
    ],
  ])("are not taken from there where they do not fit: %s", async (_, wanted, version) => {
    await installIn(join(root, "project"), "modelyard-test-left", version);
    const { folder } = await ensurePackages({ type: "test", packages: wanted }, options());
    expect(folder).toContain(join("engines", "test-1.2.3-"));
    expect((await runs())[0]).toContain(
      "binaries" in wanted ? "--omit=optional" : "--include=optional",
    );
  });

  it("are installed once, without scripts, with progress, and found from then on", async () => {
    const place = await ensurePackages(engine, options());
    expect(await ensurePackages(engine, options())).toEqual(place);
    expect(findInstalled(engine, options())).toEqual(place);
    expect(await runs()).toEqual([expect.stringContaining("--ignore-scripts")]);
    expect(progress).toEqual([
      "Fetching modelyard-test-left 1.2.3 with npm",
      "Fetching modelyard-test-left 1.2.3 with npm (1 packages so far)",
      "Installed modelyard-test-left 1.2.3",
    ]);
  });

  it("keep this platform's folders alone", async () => {
    const platformFolders = ["modelyard-test-left/bin/*", "not-there/*"];
    const { folder } = await ensurePackages(
      { type: "test", packages: { ...packages, platformFolders } },
      options(),
    );
    const bin = join(folder, "node_modules", "modelyard-test-left", "bin", "napi-v6");
    expect(await readdir(bin, { recursive: true })).toEqual([
      process.platform,
      join(process.platform, process.arch),
    ]);
  });

  it("may be installed by two at once", async () => {
    const [one, two] = await Promise.all([
      ensurePackages(engine, options()),
      ensurePackages(engine, options()),
    ]);
    expect(one).toEqual(two);
    expect(await cached()).toHaveLength(1);
  });

  it("are found by what an engine imports behind the wall", async () => {
    const behind = isolated({
      install: (interest) => ensurePackages(engine, { ...options(), ...interest }),
    });
    try {
      expect(await behind.embed(["import", "modelyard-test-left"])).toHaveLength(2);
      expect(behind.heard.progress[0]).toMatchObject({ phase: "install" });
    } finally {
      await behind.backend.shutdown?.();
    }
  });
});

describe("an installation that fails", () => {
  it("says what npm said and what to run, and leaves nothing", async () => {
    process.env["FAKE_NPM"] = "fail";
    await expect(ensurePackages(engine, options())).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("404 Not Found - no such version"),
      remedy: expect.stringContaining("modelyard engine install test"),
      details: { npm: ["code E404", "404 Not Found - no such version"] },
    });
    expect(await cached()).toEqual([]);
  });

  it("is stopped by its signal, and leaves nothing", async () => {
    process.env["FAKE_NPM"] = "hang";
    const signal = AbortSignal.timeout(300);
    await expect(ensurePackages(engine, { ...options(), signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(await cached()).toEqual([]);
  });

  it("fetches nothing offline", async () => {
    const offline = options({ MODELYARD_OFFLINE: "1" });
    await expect(ensurePackages(engine, offline)).rejects.toThrow(/offline/);
  });

  it("says so where there are no binaries for this machine", async () => {
    const binaries = { "plan9-mips": { "modelyard-test-binary": "1.2.3" } };
    await expect(
      ensurePackages({ type: "test", packages: { ...packages, binaries } }, options()),
    ).rejects.toMatchObject({
      code: "backend-unavailable",
      remedy: expect.stringContaining("plan9-mips"),
    });
  });

  it("says so where the cache can't be written", async () => {
    await writeFile(join(root, "cache"), "a file in the way");
    await expect(ensurePackages(engine, options())).rejects.toMatchObject({
      code: "storage-failed",
    });
  });
});
