import fs from "node:fs";

/*
 * The first page of the extension guide shows a file, and what stands in its place for an API of another kind. These are the files
 * that a reader makes of it.
 */

const page = fs.readFileSync(new URL("../docs/extending/index.md", import.meta.url), "utf8");
const [whole = "", ...fragments] = [...page.matchAll(/^```typescript\n([^]*?)^```/gm)].map(
  ([, text = ""]) => text,
);

const imports = 'import { responseError, unitVector, type ErrorCode } from "modelyard/backend";\n';

/** The file, once with each fragment. */
export const guideFiles = fragments.map((fragment) => imports + withFragment(fragment));

function withFragment(fragment: string): string {
  if (fragment.startsWith("async embedding"))
    return whole.replace(/^ +async \*chat/m, (chat) => fragment + chat);
  if (!fragment.includes("const response"))
    return whole.replace(/^ +\/\/ 5\.[^]*?\n {10}\}\n/m, () => fragment);
  const [constants = "", request = ""] = fragment.split("\n\n");
  return whole
    .replace(/^ +const response = await requestJson.*\n/m, () => request)
    .replace("export default", () => `${constants}\nexport default`);
}
