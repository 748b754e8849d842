import type { NewFiles } from "./backend-files.ts";

/** Everything of a new package but its source and its test. */
export function packageFiles(name: string, version: string): NewFiles {
  return {
    "package.json": toJson(manifest(name, version)),
    "tsconfig.json": toJson(compilerOptions),
    "README.md": readme(name),
    LICENSE: licence(name),
    ".gitignore": "node_modules/\ndist/\n",
    ".github/workflows/ci.yml": workflow,
  };
}

function manifest(name: string, version: string): object {
  return {
    name: `modelyard-backend-${name}`,
    version: "0.1.0",
    description: `The models of ${name}, for Modelyard.`,
    keywords: ["modelyard", "modelyard-backend"],
    license: "MIT",
    type: "module",
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    files: ["dist"],
    engines: { node: ">=22.19" },
    scripts: {
      build: "tsc",
      test: 'node --test "test/*.test.ts"',
      badge: "modelyard backend test ./src/index.ts --badge badge.svg",
      prepack: "npm run build",
    },
    peerDependencies: { modelyard: `>=${version}` },
    devDependencies: {
      "@types/node": "^24.0.0",
      modelyard: `^${version}`,
      typescript: ">=5.9",
    },
  };
}

const compilerOptions = {
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    strict: true,
    declaration: true,
    skipLibCheck: true,
    types: ["node"],
    rootDir: "src",
    outDir: "dist",
    // What Node runs as it is: types are taken off, nothing is translated.
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  },
  include: ["src"],
};

function readme(name: string): string {
  return `# modelyard-backend-${name}

![conformance](badge.svg)

The models of ${name} behind [Modelyard](https://www.npmjs.com/package/modelyard): as MCP tools, and over OpenAI's API.

\`\`\`sh
npm install modelyard modelyard-backend-${name}
npx modelyard chat -m ${name}/small --plugin modelyard-backend-${name} "hello"
\`\`\`

In a configuration:

\`\`\`json
{
  "plugins": ["modelyard-backend-${name}"],
  "backends": { "${name}": { "type": "${name}" } }
}
\`\`\`

## Working on it

\`npm install\`, then \`npm test\` runs the conformance kit, \`npm run badge\` draws its badge, \`npm run build\` makes the JavaScript that is published: a package in \`node_modules\` can't be TypeScript. \`npm publish\` builds first.
`;
}

const workflow = `name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: npm install
      - run: npm run build
      - run: npm test
`;

function licence(name: string): string {
  return `MIT License

Copyright (c) the authors of modelyard-backend-${name}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
