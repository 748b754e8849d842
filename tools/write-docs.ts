// Writes the tables of docs/ that come from the code: `npm run docs:tables`. test/docs.test.ts holds them to it.
import fs from "node:fs";
import { builtInDefinitions } from "../src/app.ts";
import { remoteParameters } from "../src/backends/huggingface/parameters.ts";
import { builtInCapabilities } from "../src/contract/capabilities.ts";
import { errorCodes } from "../src/contract/errors.ts";
import { catalogue } from "../src/weights/catalogue.ts";
import { outcomes } from "../test/reliability/outcomes.ts";

const docs = new URL("../docs/", import.meta.url);
const definitions = (await builtInDefinitions()).filter(({ type }) => type !== "echo");

/** Of which backend each column of a table tells; one that runs models here or elsewhere has two. */
const columns = definitions.flatMap(({ type, parameters }) =>
  type === "huggingface"
    ? [
        { title: "`huggingface`, local", parameters },
        { title: "`huggingface`, remote", parameters: remoteParameters },
      ]
    : [{ title: `\`${type}\``, parameters }],
);

/** Each generated table, by the file it stands in and the marker around it. */
export const tables = [
  { file: new URL("errors.md", docs), marker: "errors", rows: errorRows() },
  { file: new URL("reliability.md", docs), marker: "faults", rows: faultRows() },
  { file: new URL("models.md", docs), marker: "catalogue", rows: catalogueRows() },
  { file: new URL("backends.md", docs), marker: "capabilities", rows: capabilityRows() },
  ...builtInCapabilities.map(({ name }) => ({
    file: new URL("backends.md", docs),
    marker: `parameters of ${name}`,
    rows: parameterRows(name),
  })),
];

/** What a caller of the port sees of each fault of an upstream. */
function faultRows(): string[][] {
  return [
    [
      "the target…",
      "always, alone: streamed",
      "not streamed",
      "once, alone: streamed",
      "not streamed",
      "always, with another: streamed",
      "not streamed",
    ],
    ...outcomes.map(({ fault, ...seen }) => [
      fault,
      ...Object.values(seen).flatMap(({ streamed, whole }) => [streamed, whole]),
    ]),
  ];
}

type CapabilityName = (typeof builtInCapabilities)[number]["name"];

function capabilityRows(): string[][] {
  const names = builtInCapabilities.map(({ name }) => name);
  return [
    ["backend", ...names],
    ...definitions.map(({ type, capabilities = [] }) => [
      `\`${type}\``,
      ...names.map((name) => (capabilities.includes(name) ? "native" : "derived")),
    ]),
  ];
}

/** What each backend does with each parameter of a capability; derived where it has the capability from another one. */
function parameterRows(capability: CapabilityName): string[][] {
  const able = columns.flatMap(({ title, parameters }) => {
    const treatments = parameters?.[capability];
    return treatments === undefined ? [] : [{ title, treatments }];
  });
  const names = new Set(able.flatMap(({ treatments }) => Object.keys(treatments)));
  return [
    ["parameter", ...able.map(({ title }) => title)],
    ...[...names].map((name) => [
      `\`${name}\``,
      ...able.map(({ treatments }) => treatments[name] ?? "–"),
    ]),
  ];
}

function errorRows(): string[][] {
  return [
    ["code", "HTTP status", "retryable", "fallback", "meaning"],
    ...Object.entries(errorCodes).map(([code, { status, retryable, fallback, meaning }]) => [
      `\`${code}\``,
      String(status),
      yes(retryable),
      yes(fallback),
      meaning,
    ]),
  ];
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}

function catalogueRows(): string[][] {
  return [
    ["name", "backend", "context", "fetches about", "licence", "what it is"],
    ...catalogue.map((entry) => [
      `\`${entry.name}\``,
      entry.engine,
      entry.contextTokens.toLocaleString("en"),
      `${Math.round(entry.approximateSizeBytes / 1e6).toLocaleString("en")} MB`,
      entry.licence,
      entry.description,
    ]),
  ];
}

/** The table between its markers, as Markdown. */
export function toMarkdown(rows: readonly string[][]): string {
  const [header = [], ...body] = rows;
  return [header, header.map(() => "---"), ...body]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

if (process.argv[1] === import.meta.filename) {
  for (const { file, marker, rows } of tables) {
    const between = new RegExp(`(<!-- ${marker} -->\n)[^]*(<!-- /${marker} -->)`);
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, text.replace(between, `$1\n${toMarkdown(rows)}\n\n$2`));
  }
}
