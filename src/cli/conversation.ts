import { createInterface } from "node:readline";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { PrivacyClass } from "../gateway/api.ts";
import { ask, type Question } from "./ask.ts";
import type { CommandContext } from "./command-context.ts";
import type { ImagePart } from "./read-image.ts";
import { exitCodes, reportError } from "./report-error.ts";
import { paint } from "./terminal/terminal.ts";

export interface ConversationOptions {
  capability: AnyCapability;
  /** What goes with every turn: `system`, and how to generate. */
  request: Record<string, unknown>;
  model?: string | undefined;
  privacy?: PrivacyClass | undefined;
  /** What the first message shows. */
  images: readonly ImagePart[];
}

type Message = { role: "user" | "assistant"; content: string | unknown[] };

/** Asks a person for a line, answers, and again, until Ctrl-D or Ctrl-C on an empty line (while an answer comes, Ctrl-C ends that alone). Gives the exit code. */
export async function converse(
  context: CommandContext,
  { capability, request, model, privacy, images }: ConversationOptions,
): Promise<number> {
  context.note(
    "Ctrl-C ends an answer; at an empty prompt, Ctrl-C or Ctrl-D ends the conversation.",
  );
  const reader = createLineReader(context);
  let messages: Message[] = [];
  let unseen = images;
  try {
    for (;;) {
      const line = await reader.read(paint(context.terminal.errors, ["bold", "cyan"], "› "));
      if (line === undefined) return reader.interrupted ? exitCodes.interrupted : exitCodes.done;
      if (line.trim() === "") continue;
      const content = unseen.length === 0 ? line : [{ type: "text", text: line }, ...unseen];
      const asked: Message[] = [...messages, { role: "user", content }];
      const turn = { capability, request: { ...request, messages: asked }, model, privacy };
      const text = await answerTurn(context, turn);
      // A turn without an answer is forgotten: it may be what went wrong.
      if (text === undefined) continue;
      unseen = [];
      messages = [...asked, { role: "assistant", content: text }];
    }
  } finally {
    reader.close();
  }
}

/** The answer's text, also of one that was ended early; undefined where nothing came. */
async function answerTurn(
  context: CommandContext,
  question: Omit<Question, "signal">,
): Promise<string | undefined> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, context.signal]);
  using _ = context.interruption.divert(() =>
    controller.abort(new ModelyardError("cancelled", "The answer was ended.")),
  );
  let heard = "";
  const listening: CommandContext = {
    ...context,
    answer(text) {
      heard += text;
      return context.answer(text);
    },
  };
  try {
    await ask(listening, { ...question, signal });
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.progress.clear();
    if (!controller.signal.aborted) {
      const help = `modelyard ${question.capability.names.verb} --help`;
      await reportError(error, context.terminal, { help });
    }
  }
  return heard.trim() === "" ? undefined : heard.trimEnd();
}

interface LineReader {
  /** One line, or undefined when the person has gone. */
  read(prompt: string): Promise<string | undefined>;
  readonly interrupted: boolean;
  close(): void;
}

/**
 * Between two questions the terminal is given back, so that Ctrl-C is a signal and not a key; the reader stays, because it
 * holds the lines of a paste that are still to be asked.
 */
function createLineReader({ terminal, interruption }: CommandContext): LineReader {
  const { input, errors } = terminal;
  const reader = createInterface({ input, output: errors, terminal: true });
  const lines: string[] = [];
  let closed = false;
  let interrupted = false;
  let wake: (() => void) | undefined;
  const hush = () => {
    if (closed) return;
    reader.pause();
    input.setRawMode?.(false);
  };
  reader.on("line", (line) => {
    lines.push(line);
    wake?.();
  });
  reader.on("close", () => {
    closed = true;
    errors.write("\n");
    wake?.();
  });
  reader.on("SIGINT", () => {
    if (reader.line !== "") {
      // As in a shell: what was typed is thrown away.
      reader.write(null, { ctrl: true, name: "e" });
      reader.write(null, { ctrl: true, name: "u" });
      return;
    }
    interrupted = true;
    reader.close();
  });
  const onAbort = () => reader.close();
  interruption.signal.addEventListener("abort", onAbort, { once: true });

  return {
    async read(prompt) {
      if (lines.length === 0 && !closed) {
        input.setRawMode?.(true);
        reader.setPrompt(prompt);
        reader.prompt();
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
        hush();
      }
      return lines.shift();
    },
    get interrupted() {
      return interrupted || interruption.signal.aborted;
    },
    close() {
      interruption.signal.removeEventListener("abort", onAbort);
      if (!closed) reader.close();
    },
  };
}
