import { writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { ModelyardError } from "../../contract/errors.ts";
import type { Runner } from "../program.ts";

interface TestOptions {
  model?: string;
  badge?: string;
  timeoutMs?: number;
  skip?: Readonly<Record<string, string>>;
}

/** `modelyard backend test`: runs the conformance kit on a backend, and says what is wrong, where, and how to mend it. */
export function defineBackendTest(group: Command, run: Runner): void {
  group
    .command("test")
    .description("Check a backend against the conformance kit, and print its badge.")
    .argument("<plugin>", "its file or package; or a kind that is known: echo")
    .option("-m, --model <model>", "the model to ask (default: the first that it lists)")
    .option("--badge <file>", "write the badge as a picture (SVG)")
    .option("--timeout-ms <number>", "how long one answer may take (default: 10000)", Number)
    .option("--skip <check=reason>", "leave a check or a chapter out, and say why", addSkip)
    .action(
      run(async (context, named: string, { model, badge, timeoutMs, skip }: TestOptions) => {
        const { services, source, progress, terminal, options } = context;
        progress.begin(`Loading ${named}`);
        const place = keepPlace((text) => {
          progress.clear();
          terminal.errors.write(text);
        });
        const testing = services.testBackend({
          ...source,
          named,
          model,
          timeoutMs,
          skip,
          onCheck(type, title, isOver) {
            place.note(`${type}: ${title}`, isOver);
            if (!isOver) progress.begin(`${type}: ${title}`);
          },
        });
        // What hangs is left: the program ends with the command.
        const tests = await Promise.race([testing, interrupted(context.signal)]).catch(
          (error: unknown) => {
            if (context.signal.aborted) place.tell();
            throw error;
          },
        );
        place.forget();
        if (badge !== undefined) await writeBadges(badge, tests);
        const [only, ...others] = tests;
        const colours = terminal.output.isTTY === true && options.json !== true;
        await context.print(others.length === 0 ? only?.json : tests.map(({ json }) => json), () =>
          tests.map((test) => test.text({ colours }).trim()).join("\n\n"),
        );
        return tests.every(({ level, failed }) => level !== "none" && failed === 0) ? 0 : 1;
      }),
    );
}

/** Where it stands, told where a backend ends the whole process, too: nothing else would be said of what was tried. */
function keepPlace(write: (text: string) => void) {
  const underWay = new Set<string>();
  let ended = 0;
  const tell = () => {
    if (underWay.size === 0) return;
    const what = [...underWay].map((title) => `  ${title}`).join("\n");
    write(`Checks that had ended: ${ended}. Under way:\n${what}\n`);
    underWay.clear();
  };
  process.on("exit", tell);
  return {
    note(title: string, isOver: boolean) {
      if (!isOver) underWay.add(title);
      else if (underWay.delete(title)) ended += 1;
    },
    tell,
    forget: () => void process.off("exit", tell),
  };
}

/** Rejects once the command is interrupted. */
function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** `cancellation/stops-job=the API can't`, given once more for another. @throws InvalidArgumentError where no reason is given */
function addSkip(text: string, before: Readonly<Record<string, string>> = {}) {
  const [, name, reason] = /^([a-z][a-z/-]*)=\s*(\S.*)$/.exec(text) ?? [];
  if (name !== undefined && reason !== undefined) return { ...before, [name]: reason };
  throw new InvalidArgumentError(
    `Say which, and why: --skip "cancellation/stops-job=its API can stop nothing".`,
  );
}

/** One badge, or where a plugin brings several kinds one for each: `badge-acme.svg`. */
async function writeBadges(
  file: string,
  tests: readonly { type: string; svg: string }[],
): Promise<void> {
  const { dir, name, ext } = path.parse(file);
  try {
    for (const { type, svg } of tests) {
      const own = tests.length === 1 ? file : path.join(dir, `${name}-${type}${ext}`);
      await writeFile(own, svg);
    }
  } catch (error) {
    throw new ModelyardError("storage-failed", `${file} can't be written.`, { cause: error });
  }
}
