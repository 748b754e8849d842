import type { BackendEntry } from "../../gateway/api.ts";
import type { Define } from "../program.ts";
import type { BackendKind } from "../services.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";
import { paint } from "../terminal/terminal.ts";

const kindColumns: Column<BackendKind>[] = [
  { title: "KIND", cell: ({ type }) => type },
  { title: "FROM", cell: ({ origin }) => origin },
  { title: "CAPABILITIES", cell: ({ capabilities }) => capabilities.join(" ") },
  { title: "", cell: ({ description }) => description ?? "" },
];

const backendColumns: Column<BackendEntry>[] = [
  { title: "BACKEND", cell: ({ name }) => name },
  { title: "KIND", cell: ({ type }) => type },
  { title: "STATE", cell: ({ state }) => state },
  { title: "HEALTH", cell: ({ health }) => health },
  { title: "PRIVACY", cell: ({ privacy }) => privacy },
  { title: "CAPABILITIES", cell: ({ capabilities }) => capabilities.join(" ") },
  {
    title: "",
    cell: ({ reason, url, discovered }) => reason ?? (discovered === true ? `found at ${url}` : ""),
  },
];

/** `modelyard backends`: the kinds that are installed, and the state of each configured one. */
export const defineBackends: Define = (command, run) => {
  command.action(
    run(async (context) => {
      context.progress.begin("Asking the backends");
      const [kinds, backends] = await Promise.all([
        context.services.backendKinds(),
        context.gateway.backends({ health: true, signal: context.signal }),
      ]);
      const bold = (title: string) => paint(context.terminal.output, "bold", title);
      await context.print(
        { kinds, backends },
        () =>
          `${formatTable(kindColumns, kinds, bold)}\n\n${formatTable(backendColumns, backends, bold)}`,
      );
    }),
  );
};
