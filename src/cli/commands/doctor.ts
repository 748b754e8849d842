import type { Define } from "../program.ts";
import { examine, type Finding } from "../doctor/examine.ts";
import { exitCodes } from "../report-error.ts";
import { paint, type Terminal } from "../terminal/terminal.ts";

const marks = {
  good: { sign: "✓", style: "green" },
  note: { sign: "!", style: "yellow" },
  broken: { sign: "✗", style: "red" },
} as const;

/** `modelyard doctor`: every finding with its remedy; exit code 1 where something is broken. */
export const defineDoctor: Define = (command, run) => {
  command.action(
    run(async (context) => {
      context.progress.begin("Looking around");
      const findings = await examine(context.services, context.options.config);
      const broken = findings.filter(({ status }) => status === "broken").length;
      await context.print({ healthy: broken === 0, findings }, () =>
        findings.map((finding) => describe(finding, context.terminal)).join("\n"),
      );
      if (broken > 0)
        context.note(broken === 1 ? "1 thing is broken." : `${broken} things are broken.`);
      return broken === 0 ? exitCodes.done : exitCodes.failed;
    }),
  );
};

function describe({ what, status, message, remedy }: Finding, { output }: Terminal): string {
  const { sign, style } = marks[status];
  const line = `${paint(output, style, sign)} ${paint(output, "bold", what)}: ${message}`;
  return remedy === undefined ? line : `${line}\n    ${remedy}`;
}
