import fs from "node:fs/promises";
import { packageFiles } from "./package-files.ts";

/** What `backend new` writes: paths inside the new folder → text. */
export type NewFiles = Readonly<Record<string, string>>;

/** One file that answers at once. */
export async function backendFile(name: string): Promise<NewFiles> {
  return { [`${name}.ts`]: await fromTemplate("backend.ts", name) };
}

/** A package that is ready to be published: source, test, types, build, badge and CI. `version` is ours. */
export async function backendPackage(name: string, version: string): Promise<NewFiles> {
  const [source, test] = await Promise.all([
    fromTemplate("backend.ts", name),
    fromTemplate("backend-test.ts", name),
  ]);
  return {
    "src/index.ts": source,
    "test/index.test.ts": test.replace('"./backend.ts"', '"../src/index.ts"'),
    ...packageFiles(name, version),
  };
}

async function fromTemplate(file: string, name: string): Promise<string> {
  const text = await fs.readFile(new URL(`template/${file}`, import.meta.url), "utf8");
  return text.replaceAll("acme", name);
}
