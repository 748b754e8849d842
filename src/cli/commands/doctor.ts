import type { CommandContext } from "../command-context.ts";
import type { Define } from "../program.ts";
import { examine, type Finding } from "../doctor/examine.ts";
import { exitCodes } from "../report-error.ts";
import { paint, type Terminal } from "../terminal/terminal.ts";

const marks = {
  good: { sign: "✓", style: "green" },
  note: { sign: "!", style: "yellow" },
  broken: { sign: "✗", style: "red" },
} as const;

/** `modelyard doctor`: every finding with its remedy; exit code 1 where something is broken. `--privacy`: where prompts can go. */
export const defineDoctor: Define = (command, run) => {
  command.option("--privacy", "show where a prompt can go, for each backend and alias").action(
    run(async (context, { privacy = false }: { privacy?: boolean }) => {
      if (privacy) return showPrivacy(context);
      context.progress.begin("Looking around");
      const findings = await examine(context.services, context.source);
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

async function showPrivacy({ services, source, log, terminal, print }: CommandContext) {
  const survey = await services.privacySurvey({ ...source, log });
  const { describePrivacy } = await import("../doctor/describe-privacy.ts");
  await print(survey, () =>
    describePrivacy(survey, (text) => paint(terminal.output, "bold", text)),
  );
  return exitCodes.done;
}

function describe({ what, status, message, remedy }: Finding, { output }: Terminal): string {
  const { sign, style } = marks[status];
  const line = `${paint(output, style, sign)} ${paint(output, "bold", what)}: ${message}`;
  return remedy === undefined ? line : `${line}\n    ${remedy}`;
}
