import type { AnyCapability } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { ask } from "../ask.ts";
import { addExplainOption } from "../common-options.ts";
import type { CommandContext } from "../command-context.ts";
import { converse } from "../conversation.ts";
import { checkModelName, parseModelName } from "../model-name.ts";
import type { Define } from "../program.ts";
import type { PrivacyClass } from "../../gateway/api.ts";
import { privacyOption } from "../privacy-option.ts";
import { readImage } from "../read-image.ts";
import { readInput } from "../read-input.ts";
import { addRequestOptions } from "../request-options.ts";

interface ChatOptions extends Record<string, unknown> {
  model?: string;
  privacy?: PrivacyClass;
  image?: string[];
}

/** `modelyard chat`: one prompt, streamed; without one, a conversation. */
export function chatDefinition(capability: AnyCapability): Define {
  return function define(command, run) {
    command
      .argument(
        "[prompt...]",
        "what to say; - stands for standard input; without a prompt, what is piped in is read, and on a terminal a conversation begins",
      )
      .option("-m, --model <model>", "backend/model, or an alias", parseModelName)
      .addOption(privacyOption())
      .option(
        "--image <file>",
        "an image to look at; repeatable",
        (file: string, former: string[] = []) => [...former, file],
      );
    addExplainOption(command);
    command.optionsGroup("Options of the request:");
    const toRequest = addRequestOptions(command, capability);
    command.action(
      run(async (context, words: string[], options: ChatOptions) => {
        const request = await toRequest(options);
        const { model, privacy, image: files = [] } = options;
        if (request["messages"] !== undefined) {
          if (words.length > 0 || files.length > 0) throw bothGiven();
          await ask(context, { capability, request, model, privacy, signal: context.signal });
          return;
        }
        const texts = await readInput(words, context.terminal, context.signal);
        const images = await Promise.all(files.map(readImage));
        if (texts === undefined) {
          refuseJson(context);
          await checkModelName(context, model, capability);
          return converse(context, { capability, request, model, privacy, images });
        }
        const prompt = texts.join(" ");
        const said =
          images.length === 0
            ? { prompt }
            : {
                messages: [{ role: "user", content: [{ type: "text", text: prompt }, ...images] }],
              };
        await ask(context, {
          capability,
          request: { ...request, ...said },
          model,
          privacy,
          signal: context.signal,
        });
      }),
    );
  };
}

function bothGiven(): ModelyardError {
  return new ModelyardError("invalid-request", "Give either --messages, or a prompt and images.");
}

function refuseJson({ options }: CommandContext): void {
  if (options.json !== true) return;
  throw new ModelyardError("invalid-request", "A conversation can't be printed as JSON.", {
    remedy: "Give a prompt, or leave --json out.",
  });
}
