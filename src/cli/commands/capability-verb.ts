import type { AnyCapability } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { ask } from "../ask.ts";
import type { PrivacyClass } from "../../gateway/api.ts";
import { addExplainOption } from "../common-options.ts";
import { parseModelName } from "../model-name.ts";
import { privacyOption } from "../privacy-option.ts";
import type { Define } from "../program.ts";
import { readInput } from "../read-input.ts";
import { addRequestOptions, takesSeveralTexts } from "../request-options.ts";

/** A capability's verb, made from data alone: its words are the request's plain text, its options the other fields. */
export function verbDefinition(capability: AnyCapability): Define {
  return function define(command, run) {
    const { input } = capability.text;
    const several = takesSeveralTexts(capability);
    command
      .argument(
        `[${input}...]`,
        several
          ? "the texts, each in quotes; - stands for standard input, which is also read where none is given"
          : "the text; - stands for standard input, which is also read where no text is given",
      )
      .option("-m, --model <model>", "backend/model, or an alias", parseModelName)
      .addOption(privacyOption());
    addExplainOption(command);
    command.optionsGroup("Options of the request:");
    const toRequest = addRequestOptions(command, capability);
    command.action(
      run(async (context, words: string[], options: Record<string, unknown>) => {
        const rest = await toRequest(options);
        const texts = await readInput(words, context.terminal, context.signal);
        if (texts === undefined) {
          throw new ModelyardError("invalid-request", `There is no ${input}.`, {
            remedy: `Give it as an argument: modelyard ${capability.names.verb} "…"`,
          });
        }
        const [first] = texts;
        const value = several && texts.length > 1 ? texts : several ? first : texts.join(" ");
        await ask(context, {
          capability,
          request: { [input]: value, ...rest },
          model: options["model"] as string | undefined,
          privacy: options["privacy"] as PrivacyClass | undefined,
          signal: context.signal,
        });
      }),
    );
  };
}
