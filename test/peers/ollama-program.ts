import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianPackage } from "./debian-package.ts";
import { ingredientCommand } from "./ingredient-command.ts";
import { MissingIngredient } from "./missing-ingredient.ts";
import { peersFolder } from "./peers-folder.ts";

const version = "0.12.11";
const miniaudio = "1.71";

/**
 * The path of a real Ollama with its CPU engine, built once from its Go module into the cache: some 6 minutes on two cores.
 * Its C++ wants three headers that the module lacks: two are Debian packages, one lies in the source of a Python package.
 * @throws MissingIngredient
 */
export async function ollamaProgram(): Promise<string> {
  const folder = await peersFolder("bin");
  const program = join(folder, "ollama");
  if (await isBuilt(program)) return program;
  for (const tool of ["go", "g++"])
    await ingredientCommand("which", [tool], `'${tool}' is not installed`);
  for (const headers of ["nlohmann-json3-dev", "libstb-dev"]) await debianPackage(headers);
  const include = await miniaudioHeaders();
  const module = `github.com/ollama/ollama@v${version}`;
  const versionFlag = `-X=github.com/ollama/ollama/version.Version=${version}`;
  await ingredientCommand(
    "go",
    ["install", "-ldflags", `-s -w ${versionFlag}`, module],
    `go could not fetch or build ${module}`,
    {
      environment: {
        CGO_ENABLED: "1",
        CGO_CPPFLAGS: `-I${include}`,
        GOBIN: folder,
        GOFLAGS: "-trimpath",
      },
      progress: `peers: building Ollama ${version}, which takes some 6 minutes`,
    },
  );
  if (!(await isBuilt(program)))
    throw new MissingIngredient(`the Ollama that was built does not say that it is ${version}`);
  return program;
}

async function isBuilt(program: string): Promise<boolean> {
  if (!existsSync(program)) return false;
  // a port that nothing listens on: else it asks a server of the user's
  const env = { ...process.env, OLLAMA_HOST: "127.0.0.1:1" };
  const { stdout, stderr } = await promisify(execFile)(program, ["--version"], { env });
  return `${stdout}${stderr}`.includes(version);
}

/** The folder to include `miniaudio/miniaudio.h` from. */
async function miniaudioHeaders(): Promise<string> {
  const include = await peersFolder("include");
  const header = join(await peersFolder("include/miniaudio"), "miniaudio.h");
  if (existsSync(header)) return include;
  const beside = await mkdtemp(join(tmpdir(), "modelyard-miniaudio-"));
  const failure = `pip could not fetch the source of miniaudio ${miniaudio}`;
  try {
    const source = ["--no-deps", "--no-binary", ":all:", "--dest", beside];
    await ingredientCommand(
      "python3",
      ["-m", "pip", "download", "--quiet", ...source, `miniaudio==${miniaudio}`],
      failure,
    );
    const archive = (await readdir(beside)).find((file) => file.endsWith(".tar.gz"));
    if (archive === undefined) throw new MissingIngredient(failure);
    await ingredientCommand("tar", ["-xzf", join(beside, archive), "-C", beside], failure);
    const unpacked = archive.replace(/\.tar\.gz$/, "");
    await copyFile(join(beside, unpacked, "miniaudio", "miniaudio.h"), header);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return include;
}
