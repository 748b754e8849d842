// Writes the tables of docs/ that come from the code: `npm run docs:tables`. test/docs.test.ts holds them to it.
import fs from "node:fs";
import { builtInDefinitions } from "../src/app/built-in-definitions.ts";
import { remoteParameters } from "../src/backends/huggingface/parameters.ts";
import { clients, type Place } from "../src/cli/connect/clients.ts";
import { builtInCapabilities } from "../src/contract/capabilities.ts";
import { errorCodes } from "../src/contract/errors.ts";
import { backendSettings, configurationSchema } from "../src/gateway/configuration.ts";
import { catalogue } from "../src/weights/catalogue.ts";
import { checkRows } from "./docs/check-rows.ts";
import { commandText } from "./docs/command-text.ts";
import { memberRows } from "./docs/contract-members.ts";
import { fieldRows } from "./docs/field-rows.ts";
import { helperRows } from "./docs/helper-rows.ts";
import { toCode, toTable } from "./docs/markdown.ts";
import { requestRows } from "./docs/request-rows.ts";
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

/** What of the docs is written from the code: the page it stands in, the marker around it, and what it says. */
export const generated: readonly { file: URL; marker: string; text: string }[] = [
  table("errors.md", "errors", errorRows()),
  table("clients.md", "clients", clientRows()),
  table("reliability.md", "faults", faultRows()),
  table("models.md", "catalogue", catalogueRows()),
  table("backends.md", "capabilities", capabilityRows()),
  ...builtInCapabilities.map(({ name }) =>
    table("backends.md", `parameters of ${name}`, parameterRows(name)),
  ),
  ...["BackendDefinition", "BackendSetup", "Backend", "CallContext", "Model", "Health"].map(
    (name) => table("extending/contract.md", name, memberRows(name)),
  ),
  table("extending/contract.md", "request", requestRows()),
  table(
    "extending/errors.md",
    "FailedResponse",
    memberRows("FailedResponse", "http/response-error.ts"),
  ),
  table("extending/errors.md", "ErrorOptions", memberRows("ErrorOptions", "errors.ts")),
  table("extending/helpers.md", "helpers", helperRows()),
  table(
    "extending/helpers.md",
    "RequestJsonOptions",
    memberRows("RequestJsonOptions", "http/request-json.ts"),
  ),
  table("extending/testing.md", "checks", checkRows()),
  table("extending/capabilities.md", "built-in capabilities", nameRows()),
  ...builtInCapabilities.flatMap(({ name, request, result }) => [
    table("reference/capabilities.md", `request of ${name}`, fieldRows(request, "input")),
    table("reference/capabilities.md", `result of ${name}`, fieldRows(result, "output")),
  ]),
  table("reference/configuration.md", "the file", fieldRows(configurationSchema, "input")),
  table("reference/configuration.md", "every backend", fieldRows(backendSettings, "input")),
  ...definitions.map(({ type, config }) =>
    table("reference/configuration.md", type, fieldRows(config, "input")),
  ),
  { file: new URL("cli.md", docs), marker: "commands", text: await commandText() },
  ...shownFiles(),
];

function table(page: string, marker: string, rows: readonly string[][]) {
  return { file: new URL(page, docs), marker, text: toTable(rows) };
}

/** Files of this repository that pages show: a marker `file: examples/backends/echo.ts`. */
function shownFiles() {
  return fs
    .readdirSync(docs, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => {
      const file = new URL(name.replaceAll("\\", "/"), docs);
      const shown = [...fs.readFileSync(file, "utf8").matchAll(/<!-- (file: (\S+)) -->/g)];
      return shown.map(([, marker = "", source = ""]) => ({
        file,
        marker,
        // Tried where it stands: the tests of the docs run what is written in a page alone.
        text: toCode(
          source.endsWith(".ts") ? "typescript" : source.split(".").at(-1)!,
          fs.readFileSync(new URL(`../${source}`, docs), "utf8"),
        ),
      }));
    });
}

/** What `modelyard connect` knows of each client. */
function clientRows(): string[][] {
  return [
    ["client", "", "its file", "under", "an address as"],
    ...clients.map(({ name, title, file, key, http, docs: page }) => [
      `\`${name}\``,
      `[${title}](${page})`,
      writtenPlace(file),
      `\`${key}\``,
      http === undefined ? "not in the file" : `\`${http.field}\``,
    ]),
  ];
}

/** How the faces show each capability. */
function nameRows(): string[][] {
  return [
    ["capability", "MCP tool", "route", "verb", "what it does"],
    ...builtInCapabilities.map(({ name, names: { tool, route, verb }, description }) => [
      `\`${name}\``,
      `\`${tool}\``,
      `\`${route}\``,
      `\`${verb}\``,
      description,
    ]),
  ];
}

function writtenPlace(place: Place): string {
  if (typeof place === "string") return `\`${place}\``;
  const { darwin, win32, linux } = place;
  return `macOS \`${darwin}\`, Windows \`${win32}\`, Linux \`${linux}\``;
}

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

/** A marker as it stands in a regular expression: it may name a file. */
export function inPattern(marker: string): string {
  return marker.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

if (process.argv[1] === import.meta.filename) {
  for (const { file, marker, text } of generated) {
    const between = new RegExp(
      `(<!-- ${inPattern(marker)} -->\n)[^]*(<!-- /${inPattern(marker)} -->)`,
    );
    const page = fs.readFileSync(file, "utf8");
    if (!between.test(page)) throw new Error(`${file.pathname} has no place for ${marker}.`);
    fs.writeFileSync(
      file,
      page.replace(between, (_, begin, end) => `${begin}\n${text}\n\n${end}`),
    );
  }
}
