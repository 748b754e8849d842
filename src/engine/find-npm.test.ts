import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findNpm } from "./find-npm.ts";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "modelyard-npm-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(...parts: string[]): Promise<string> {
  const path = join(root, ...parts);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "");
  return path;
}

const script = ["node_modules", "npm", "bin", "npm-cli.js"];

it("prefers the npm that started us, but no other package manager", async () => {
  const npm = await put("started", "npm-cli.js");
  const beside = await put("lib", ...script);
  const nodePath = join(root, "bin", "node");
  expect(findNpm({ npm_execpath: npm }, nodePath)).toBe(npm);
  expect(findNpm({ npm_execpath: await put("yarn.js") }, nodePath)).toBe(beside);
  expect(findNpm({ npm_execpath: join(root, "gone", "npm-cli.js") }, nodePath)).toBe(beside);
});

it("finds it beside node.exe, and on the path, behind a link too", async () => {
  const windows = await put("windows", ...script);
  expect(findNpm({}, join(root, "windows", "node.exe"))).toBe(windows);
  const onPath = { PATH: ["", join(root, "nowhere"), join(root, "usr", "bin")].join(delimiter) };
  const nodePath = join(root, "elsewhere", "bin", "node");
  expect(findNpm(onPath, nodePath)).toBeUndefined();
  const linked = await put("share", "npm-cli.js");
  await mkdir(join(root, "usr", "bin"), { recursive: true });
  await symlink(linked, join(root, "usr", "bin", "npm"));
  expect(findNpm(onPath, nodePath)).toBe(linked);
});
