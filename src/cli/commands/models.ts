import type { ModelEntry } from "../../gateway/api.ts";
import { asked } from "../asked.ts";
import type { Define } from "../program.ts";
import { formatBytes } from "../../contract/format-bytes.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";
import { paint } from "../terminal/terminal.ts";

/** `modelyard models`: what there is, where its weights are, and what it can do. */
export const defineModels: Define = (command, run) => {
  command.option("--health", "ask each backend how it is").action(
    run(async (context, { health = false }: { health?: boolean }) => {
      context.progress.begin("Asking the backends");
      const models = await (await asked(context)).models({ health, signal: context.signal });
      await context.print({ models }, () => {
        if (models.length === 0) return "There are no models.";
        const table = formatTable(columns(health), models, (title) =>
          paint(context.terminal.output, "bold", title),
        );
        const isDerived = models.some(({ derived = [] }) => derived.length > 0);
        return isDerived ? `${table}\n* made from another capability` : table;
      });
    }),
  );
};

function columns(health: boolean): Column<ModelEntry>[] {
  return [
    { title: "MODEL", cell: ({ name }) => name },
    { title: "CAPABILITIES", cell: describeCapabilities },
    {
      title: "SIZE",
      align: "right",
      cell: ({ sizeBytes }) => (sizeBytes === undefined ? "" : formatBytes(sizeBytes)),
    },
    {
      title: "CONTEXT",
      align: "right",
      cell: ({ contextTokens }) => (contextTokens === undefined ? "" : String(contextTokens)),
    },
    { title: "PRIVACY", cell: ({ privacy }) => privacy },
    { title: "STATE", cell: describeState },
    ...(health ? [{ title: "HEALTH", cell: (model: ModelEntry) => model.health }] : []),
    { title: "STANDS FOR", cell: describeTargets },
  ];
}

function describeCapabilities({ capabilities, derived = [] }: ModelEntry): string {
  return capabilities.map((name) => (derived.includes(name) ? `${name}*` : name)).join(" ");
}

function describeTargets({ targets = [], added }: ModelEntry): string {
  const names = targets.join(", ");
  return added === true ? `${names} (added while it runs)`.trimStart() : names;
}

function describeState({ installed, loaded, state }: ModelEntry): string {
  if (state === "failed") return "failed";
  if (loaded) return "loaded";
  return installed ? "installed" : "to be fetched";
}
