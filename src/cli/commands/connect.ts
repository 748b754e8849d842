import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { InvalidArgumentError } from "commander";
import { ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { CommandContext } from "../command-context.ts";
import { clients, type Client } from "../connect/clients.ts";
import { connectClient, printEntry } from "../connect/connect-client.ts";
import { createEntry, type Way } from "../connect/create-entry.ts";
import { findClientFile, findPlace, type Machine } from "../connect/find-place.ts";
import { launchWords } from "../connect/launch-words.ts";
import type { Define } from "../program.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";

interface ConnectOptions {
  readonly name: string;
  readonly print?: boolean;
  readonly http?: string | true;
}

/** `modelyard connect`: writes the entry for a client of MCP; without a client it lists those that are known. */
export const defineConnect: Define = (command, run) => {
  command
    .argument("[client]", "such as claude-desktop, cursor, vscode; left out: lists them")
    .option("--print", "print the entry and write nothing")
    .option("--http [url]", "the address of a running server, instead of a command to launch")
    .option("--name <name>", "what the server is called there", parseName, "modelyard")
    .action(
      run(async (context, named: string | undefined, options: ConnectOptions) => {
        const machine = thisMachine();
        if (named === undefined) return list(context, machine);
        const client = findClient(named);
        const file = findClientFile(client, machine);
        const entry = createEntry(client, await wayFor(context, options));
        const wanted = { key: client.key, name: options.name, entry };
        const told = { client: client.name, name: options.name, entry };
        if (options.print === true) {
          context.note(`It goes into ${file}.`);
          return context.print({ ...told, file }, () => printEntry(client, wanted).trimEnd());
        }
        const done = await connectClient(client, file, wanted);
        return context.print({ ...told, ...done }, () =>
          done.changed
            ? [
                `Wrote the entry ${options.name} into ${file}.`,
                ...(done.backup === undefined ? [] : [`As it was, it is kept in ${done.backup}.`]),
                client.next,
              ].join("\n")
            : `${file} holds this entry already.`,
        );
      }),
    );
};

/** What every client takes, and every form of a file can hold as it is. */
function parseName(given: string): string {
  if (/^[a-z][\w-]*$/i.test(given)) return given;
  throw new InvalidArgumentError(
    "Give a word of letters, digits, _ and - that begins with a letter.",
  );
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    home: os.homedir(),
    directory: process.cwd(),
    environment: process.env,
  };
}

function findClient(named: string): Client {
  const found = clients.find(({ name }) => name === named.toLowerCase());
  if (found !== undefined) return found;
  const names = clients.map(({ name }) => name);
  throw new ModelyardError(
    "invalid-request",
    `There is no client ${JSON.stringify(named)}.${didYouMean(named, names)}`,
    { remedy: `There are: ${names.join(", ")}. Any other takes what --print shows of one.` },
  );
}

/** How the client is to reach us. A client starts us anywhere: what is given with a path is given with its whole path. */
async function wayFor(
  { services, source, options }: CommandContext,
  { http }: ConnectOptions,
): Promise<Way> {
  if (typeof http === "string") return { url: http };
  if (http === true) {
    const { host, port } = await services.serverAddress(source);
    const isAnywhere = ["0.0.0.0", "::", "[::]"].includes(host);
    const shown = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
    return { url: `http://${isAnywhere ? "127.0.0.1" : shown}:${port}/mcp` };
  }
  const { command, args } = launchWords();
  const config = options.config === undefined ? [] : ["--config", path.resolve(options.config)];
  const plugins = (options.plugin ?? []).flatMap((each) => [
    "--plugin",
    existsSync(each) ? path.resolve(each) : each,
  ]);
  const offline = options.offline === true ? ["--offline"] : [];
  return { command, args: [...args, "mcp", ...config, ...plugins, ...offline] };
}

interface Row {
  readonly client: string;
  readonly title: string;
  readonly file: string;
  /** Whether it seems to be there. */
  readonly found: boolean;
}

const columns: readonly Column<Row>[] = [
  { title: "CLIENT", cell: ({ client }) => client },
  { title: "NAME", cell: ({ title }) => title },
  { title: "FOUND", cell: ({ found }) => (found ? "yes" : "-") },
  { title: "FILE", cell: ({ file }) => file },
];

async function list(context: CommandContext, machine: Machine): Promise<void> {
  const rows = clients.map((client): Row => ({
    client: client.name,
    title: client.title,
    file: findClientFile(client, machine),
    found: client.traces.some((place) => existsSync(findPlace(place, machine))),
  }));
  await context.print(rows, () => formatTable(columns, rows));
  context.note("Next: modelyard connect <client>");
}
