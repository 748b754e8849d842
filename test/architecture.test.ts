import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import whom: a room, and the rooms beside its own that it may look into. `types` allows `import type` alone. */
const allowed: Record<string, readonly string[]> = {
  contract: [],
  weights: [
    "contract/errors.ts",
    "contract/format-bytes.ts",
    "contract/http/connection-problem.ts",
    "contract/nearest.ts",
    "contract/progress.ts",
  ],
  engine: ["contract"],
  pipeline: ["contract"],
  backends: ["contract", "weights"],
  gateway: ["contract", "pipeline"],
  testing: ["contract"],
  plugins: ["contract"],
  // Faces only translate: of the gateway they see its types, and its configuration's schema, which is data.
  library: ["contract", "types gateway"],
  mcp: ["contract", "types gateway"],
  http: ["contract", "types gateway"],
  cli: ["contract", "types gateway", "gateway/configuration.ts"],
  "index.ts": ["app", "contract", "library", "types gateway", "types plugins"],
  app: [
    "contract",
    "weights",
    "engine",
    "pipeline",
    "backends",
    "gateway",
    "testing",
    "library",
    "mcp",
    "http",
    "cli",
    "plugins",
  ],
};

/** Single files that may do what their room may not. */
const exceptions: Record<string, readonly string[]> = {
  // The command itself: it opens the composition root once it knows that something is to be done.
  "cli/main.ts": ["app/run-command.ts"],
  // A plugin that is imported there finds us under our own name too.
  "engine/child.ts": ["plugins/resolve-own-subpaths.ts", "plugins/kept-sources.ts"],
  // An import that never ends must not outlive whoever asked for it.
  "plugins/trial-child.ts": ["engine/watch-parent.ts"],
};

const longestFile = 350;
const root = path.join(import.meta.dirname, "..", "src");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = fs
  .readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll(path.sep, "/"))
  .filter((file) => /\.[mc]?ts$/.test(file) && !isTest(file));

const imports = files.flatMap((file) => importsOf(file, read(file)));

function isTest(file: string): boolean {
  return /\.test\.ts$|(^|\/)__fixtures__\//.test(file);
}

function read(file: string): string {
  return fs.readFileSync(path.join(root, file), "utf8");
}

/** The files in `src` that a file imports, as paths from there. */
function importsOf(from: string, source: string): Import[] {
  const code = source.replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, "");
  const statements = code.matchAll(
    /^\s*(?:import|export)\b(\s+type\b)?(?:[^;"']*?\bfrom)?\s*["'](\.[^"']+)["']|(typeof\s+)?\bimport\(\s*["'](\.[^"']+)["']/gm,
  );
  return [...statements]
    .map(([, type, plain, typeOf, dynamic]) => ({
      from,
      to: path.posix.join(path.posix.dirname(from), (plain ?? dynamic)!),
      typeOnly: (type ?? typeOf) !== undefined,
    }))
    .filter(({ to }) => !to.startsWith("../"));
}

function roomOf(file: string): string {
  return file.split("/", 1)[0]!;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  if (roomOf(from) === roomOf(to)) return true;
  return [...(allowed[roomOf(from)] ?? []), ...(exceptions[from] ?? [])].some((rule) => {
    const [, types, place] = /^(types )?(.*)$/.exec(rule)!;
    return (types === undefined || typeOnly) && (place === to || place === roomOf(to));
  });
}

describe("the reader of imports", () => {
  it.each<[string, Import[]]>([
    [
      'import { a } from "../contract/errors.ts";',
      [{ from: "mcp/x.ts", to: "contract/errors.ts", typeOnly: false }],
    ],
    [
      'import type {\n  A,\n  B,\n} from "../gateway/api.ts";',
      [{ from: "mcp/x.ts", to: "gateway/api.ts", typeOnly: true }],
    ],
    [
      'export { a } from "./y.ts";\nimport "../app.ts";',
      [
        { from: "mcp/x.ts", to: "mcp/y.ts", typeOnly: false },
        { from: "mcp/x.ts", to: "app.ts", typeOnly: false },
      ],
    ],
    [
      'const a = await import("../cli/z.ts");',
      [{ from: "mcp/x.ts", to: "cli/z.ts", typeOnly: false }],
    ],
    [
      'type A = typeof import("../cli/z.ts");',
      [{ from: "mcp/x.ts", to: "cli/z.ts", typeOnly: true }],
    ],
    ['import a from "../../package.json";\nexport const file = "./a.json";', []],
    ['import z from "zod";\n// import "../app.ts";\n * import("../app.ts")', []],
  ])("reads %j", (source, expected) => {
    expect(importsOf("mcp/x.ts", source)).toEqual(expected);
  });
});

describe("the rule", () => {
  it.each<[string, string, boolean, boolean]>([
    ["mcp/tools.ts", "gateway/api.ts", true, true],
    ["mcp/tools.ts", "gateway/gateway.ts", false, false],
    ["mcp/tools.ts", "http/server.ts", true, false],
    ["contract/errors.ts", "pipeline/call.ts", true, false],
    ["backends/echo.ts", "gateway/api.ts", true, false],
    ["weights/store.ts", "contract/errors.ts", false, true],
    ["weights/store.ts", "contract/backend.ts", false, false],
    ["cli/main.ts", "app/run-command.ts", false, true],
    ["cli/program.ts", "app/services.ts", false, false],
  ])("%s imports %s (types alone: %s): %s", (from, to, typeOnly, verdict) => {
    expect(isAllowed({ from, to, typeOnly })).toBe(verdict);
  });
});

describe("the house", () => {
  it("has files, and imports between them", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it("has no room that the table does not know", () => {
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in allowed))).toEqual([]);
  });

  it.each(Object.keys(allowed))("keeps %s to what it may import", (room) => {
    const broken = imports.filter((each) => roomOf(each.from) === room && !isAllowed(each));
    expect(broken.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it(`has no file longer than ${longestFile} lines`, () => {
    const long = files.filter((file) => read(file).split("\n").length - 1 > longestFile);
    expect(long).toEqual([]);
  });

  it("has no file that is a drawer for everything", () => {
    expect(files.filter((file) => /(^|\/)(utils?|types|helpers?)\.ts$/.test(file))).toEqual([]);
  });
});
