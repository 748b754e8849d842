import { describeSetAside, standInOrigin } from "../../contract/set-aside.ts";
import type { BackendEntry } from "../../gateway/api.ts";
import { asked } from "../asked.ts";
import type { Define } from "../program.ts";
import type { BackendKind } from "../../gateway/list-kinds.ts";
import type { Plugins } from "../services.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";
import { paint } from "../terminal/terminal.ts";

const kindColumns: Column<BackendKind>[] = [
  { title: "KIND", cell: ({ type }) => type },
  { title: "FROM", cell: ({ origin }) => origin },
  { title: "CAPABILITIES", cell: ({ capabilities }) => capabilities.join(" ") },
  { title: "", cell: ({ description }) => description ?? "" },
];

const pluginColumns: Column<Plugins["used"][number]>[] = [
  { title: "PLUGIN", cell: ({ plugin }) => plugin },
  { title: "FROM", cell: ({ origin }) => origin },
  { title: "BRINGS", cell: describeBrought },
];

function describeBrought({ backends, capabilities }: Plugins["used"][number]): string {
  return [
    ...backends.map((type) => `the backend ${type}`),
    ...capabilities.map((name) => `the capability ${name}`),
  ].join(", ");
}

/** `standIns`: the types of those whose plugin was set aside. */
const backendColumns = (standIns: ReadonlySet<string>): Column<BackendEntry>[] => [
  { title: "BACKEND", cell: ({ name }) => name },
  { title: "KIND", cell: ({ type }) => type },
  { title: "STATE", cell: ({ state }) => state },
  { title: "HEALTH", cell: ({ health }) => health },
  { title: "PRIVACY", cell: ({ privacy }) => privacy },
  { title: "CAPABILITIES", cell: ({ capabilities }) => capabilities.join(" ") },
  { title: "", cell: (backend) => describeRest(backend, standIns) },
];

const callColumn: Column<BackendEntry> = { title: "CALLS", cell: describeCalls };

/** `3, 2 waiting`: those at work, and those that wait for their turn. */
function describeCalls({ running, waiting }: BackendEntry): string {
  if (running + waiting === 0) return "";
  return waiting === 0 ? String(running) : `${running}, ${waiting} waiting`;
}

function describeRest(
  { type, reason, circuits = {}, url, discovered, added }: BackendEntry,
  standIns: ReadonlySet<string>,
): string {
  const states = Object.entries(circuits).map(([model, state]) => `${model}: circuit ${state}`);
  const found = discovered === true ? `found at ${url}` : "";
  // The whole reason stands below the table; who answers may be a process that has the plugin still.
  const isStandIn = reason !== undefined && standIns.has(type);
  const why = isStandIn ? "its plugin was set aside" : reason;
  const said = why ?? (added === true ? "added while it runs" : found);
  return [said, ...states].filter((part) => part !== "").join("; ");
}

/** `modelyard backends`: the kinds that are installed, and the state of each configured one. */
export const defineBackends: Define = (command, run) => {
  command.action(
    run(
      async (context) => {
        context.progress.begin("Asking the backends");
        const answerer = await asked(context);
        const [kinds, { used, setAside, unnamed }, backends] = await Promise.all([
          context.services.backendKinds(context.source),
          context.services.plugins(context.source),
          answerer.backends({ health: true, signal: context.signal }),
        ]);
        // A column that says nothing of anybody is left out.
        const isBusy = backends.some(({ running, waiting }) => running + waiting > 0);
        const standIns = kinds.filter(({ origin }) => origin === standInOrigin);
        const all = backendColumns(new Set(standIns.map(({ type }) => type)));
        const columns = isBusy ? all.toSpliced(4, 0, callColumn) : all;
        const bold = (title: string) => paint(context.terminal.output, "bold", title);
        await context.print({ kinds, backends, plugins: used, setAside, unnamed }, () =>
          [
            formatTable(kindColumns, kinds, bold),
            formatTable(columns, backends, bold),
            ...(used.length === 0 ? [] : [formatTable(pluginColumns, used, bold)]),
            ...setAside.map(describeSetAside),
            ...unnamed.map((name) => `${name} is installed, but not named in plugins.`),
          ].join("\n\n"),
        );
      },
      // What would be warned of is in the answer.
      { level: "error" },
    ),
  );
};
