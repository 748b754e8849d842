import { ModelyardError } from "../../../contract/errors.ts";
import { quote } from "../../../contract/http/quote.ts";
import { field, list, text } from "./fields.ts";

const anotherModel = "Try again, or use a model that is better at calling tools.";

export interface ToolCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

interface Open {
  index: number | undefined;
  id: string | undefined;
  name: string;
  arguments: string;
}

/** Tool calls as they come together: whole or in pieces, with or without an index, two of them under one index. */
export interface ToolCalls {
  /** Takes the `tool_calls` of one chunk. */
  add(pieces: readonly unknown[]): void;
  size(): number;
  /**
   * All calls, in the order they were begun; the last is left out where the answer was cut in the midst of it.
   * @throws `invalid-response` for a call without a name, or with arguments that are no JSON
   */
  finish(cut: boolean): ToolCall[];
}

export function createToolCalls(): ToolCalls {
  const calls: Open[] = [];

  function find(index: number | undefined, id: string | undefined): Open | undefined {
    if (index === undefined) {
      if (id === undefined) return calls.at(-1);
      return calls.findLast((call) => call.id === id);
    }
    return calls.findLast((call) => call.index === index);
  }

  function addOne(piece: unknown): void {
    const given = field(piece, "index");
    const index = typeof given === "number" ? given : undefined;
    const id = text(field(piece, "id"));
    const named = field(piece, "function") ?? piece;
    const name = text(field(named, "name"));
    const known = find(index, id);
    // Some servers count no further: another id with a name of its own is another call.
    const another =
      known === undefined ||
      (name !== undefined &&
        ((id !== undefined && known.id !== undefined && known.id !== id) ||
          (index === undefined && id === undefined && known.name !== "")));
    const call = another ? { index, id, name: "", arguments: "" } : known;
    if (another) calls.push(call);
    call.id ??= id;
    if (call.name === "") call.name = name ?? "";
    const written = field(named, "arguments");
    if (typeof written === "string") call.arguments += written;
    else if (typeof written === "object" && written !== null)
      call.arguments += JSON.stringify(written);
  }

  return {
    add: (pieces) => list(pieces).forEach(addOne),
    size: () => calls.length,
    finish: (cut) =>
      calls.flatMap((call, at) => {
        const input = parse(call, cut && at === calls.length - 1);
        if (input === undefined) return [];
        if (call.name === "") throw nameless();
        // Results refer to it through the whole conversation, so it must be one of a kind.
        const toolCallId = call.id ?? `call_${crypto.randomUUID()}`;
        return { toolCallId, toolName: call.name, input: input.value };
      }),
  };
}

function nameless(): ModelyardError {
  return new ModelyardError("invalid-response", "The model called a tool without naming it.", {
    remedy: anotherModel,
  });
}

function parse({ name, arguments: written }: Open, cut: boolean): { value: unknown } | undefined {
  if (written.trim() === "") return { value: {} };
  try {
    const value = JSON.parse(written) as unknown;
    // Written as text within text by some servers.
    return { value: typeof value === "string" ? JSON.parse(value) : value };
  } catch (cause) {
    if (cut) return undefined;
    const message = `The model called ${name} with arguments that are no JSON: ${quote(written)}.`;
    throw new ModelyardError("invalid-response", message, {
      cause,
      remedy: anotherModel,
    });
  }
}
