import type { AnyCapability } from "../../../contract/capability.ts";
import { figureOf, type Usage } from "../../../contract/usage.ts";
import { expect, Skip, type Check } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import type { Answered } from "../open-backend.ts";
import { plainText } from "../sample-request.ts";
import { askOnce, readyFor, textOfAnswer } from "../trials.ts";

/** Marks that a model writes around its text and that nobody sees: so many tokens at most. */
const marksTokens = 16;

/** What an answer cost is said truly: of each capability whose answers say it. */
export function usageChecks(capability: AnyCapability): Check[] {
  const { name } = capability;
  return [
    {
      id: `${name}/usage`,
      level: "silver",
      title: "what it cost can be true",
      why: "People are billed, and budgets are held, by these figures.",
      remedy: "Hand on the figures of the upstream; leave out what it does not say.",
      async run(subject) {
        const { asked, ...answered } = await askOnce(subject, capability);
        const used = toldUsage(answered);
        for (const [field, figure] of Object.entries(used)) {
          if (field === "raw" || figure === undefined) continue;
          expect(
            Number.isInteger(figure) && Number(figure) >= 0,
            () => `usage.${field} is ${describeValue(figure)}.`,
            { asked },
          );
        }
        const text = textOfAnswer(capability, answered) ?? "";
        const written = figureOf(used.outputTokens);
        if (written === undefined || text === "") return;
        expect(written > 0, () => `It wrote ${describeValue(text)}, and says 0 tokens.`, { asked });
        // A token has at least one byte. Thoughts and tool calls cost too, and nobody can tell how much.
        const bytes = Buffer.byteLength(text);
        const isPlain = answered.events.every(({ type }) => /^(text-delta|finish)$/.test(type));
        if (!isPlain || used.reasoningTokens !== undefined) return;
        expect(
          written <= bytes + marksTokens,
          () => `It wrote ${bytes} bytes, and says ${written} tokens.`,
          { asked },
        );
      },
    },
    {
      id: `${name}/usage-of-input`,
      level: "silver",
      title: "a longer input costs more",
      why: "Figures that are swapped, guessed or kept from an earlier call mislead whoever pays.",
      remedy: "Take inputTokens from the answer of this very call: it counts the prompt.",
      async run(subject) {
        const { opened, model, asked } = await readyFor(subject, capability);
        const tokens = async (text: string) => {
          const request = subject.request(capability, text);
          return figureOf(toldUsage(await opened.ask(capability, model, request)).inputTokens);
        };
        const short = await tokens("one");
        const long = await tokens(`${plainText} ${plainText}`);
        if (short === undefined || long === undefined)
          throw new Skip("It does not say what the input cost.", { declared: true });
        expect(
          long > short,
          `An input of 3 characters costs ${short} tokens, one of ${plainText.length * 2 + 1} costs ${long}.`,
          { asked },
        );
        const again = (await tokens("one")) ?? short;
        expect(
          again < long,
          `An input of 3 characters costs ${short} tokens, and after a long one the same costs ${again}.`,
          { asked },
        );
      },
    },
  ];
}

/** @throws {Skip} where its answers say nothing of it */
function toldUsage({ events, output }: Answered): Usage {
  const from = events.length > 0 ? events.at(-1) : output;
  const { usage } = Object(from) as { usage?: Usage };
  if (usage === undefined)
    throw new Skip("Its answers do not say what they cost.", { declared: true });
  return usage;
}
