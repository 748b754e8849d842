import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { StreamPart, ToolCall } from "./api.ts";
import { toFinishReason, toUsage } from "./convert.ts";
import { describeWarning } from "./describe-warning.ts";
import { brokenOff } from "./to-error.ts";

interface AnswerOf {
  readonly provider: string;
  readonly model: string;
  /** Tells the caller, each sentence once. */
  warn(message: string): void;
}

/**
 * The parts of a provider's answer as events of ours. It is read to its end, so that the connection can be used again; of several
 * `finish` parts, one for each message that the upstream made, the last one counts.
 * @throws {ModelyardError} `stream-interrupted`, `backend-error`, `invalid-response`; an `error` part's error as it is
 */
export async function* readAnswer(
  stream: AsyncIterable<StreamPart>,
  { provider, model, warn }: AnswerOf,
): AsyncGenerator<ChatEvent, void, undefined> {
  let finish: Extract<StreamPart, { type: "finish" }> | undefined;
  let calls = 0;
  let brokenCall: string | undefined;
  for await (const part of stream) {
    switch (part.type) {
      case "stream-start":
        for (const each of part.warnings) warn(describeWarning(each, provider));
        break;
      case "text-delta":
      case "reasoning-delta":
        // Empty ones carry a provider's metadata alone.
        if (part.delta !== "") yield { type: part.type, text: part.delta };
        break;
      case "tool-call": {
        if (part.providerExecuted === true) break;
        const input = parseInput(part);
        if (input === undefined) {
          brokenCall = part.toolName;
          break;
        }
        calls += 1;
        const { toolCallId, toolName } = part;
        yield { type: "tool-call", toolCallId, toolName, input: input.value };
        break;
      }
      case "file":
        warn(
          `The answer holds a file (${part.mediaType}), which a chat can't carry: it is left out.`,
        );
        break;
      case "finish":
        finish = part;
        break;
      case "error":
        throw part.error;
    }
  }
  if (finish === undefined) throw brokenOff(provider, model);
  const { finishReason, usage } = finish;
  const { raw } = finishReason;
  const reason = toFinishReason(finishReason, calls > 0);
  if (reason === undefined) {
    if (finishReason.unified !== "error" || raw === undefined) throw brokenOff(provider, model);
    throw new ModelyardError("backend-error", `The answer of ${model} ended in an error: ${raw}.`, {
      model,
    });
  }
  // A call whose arguments the length has cut is no call.
  if (brokenCall !== undefined && reason !== "length") throw notJson(brokenCall, model);
  yield {
    type: "finish",
    reason,
    ...(raw === undefined ? {} : { rawReason: raw }),
    usage: toUsage(usage),
  };
}

function parseInput({ input }: ToolCall): { value: unknown } | undefined {
  try {
    return { value: input === "" ? {} : (JSON.parse(input) as unknown) };
  } catch {
    // Whether this is an error, the end of the answer says.
    return undefined;
  }
}

function notJson(toolName: string, model: string): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `${model} called ${toolName} with arguments that are not JSON.`,
    { model, remedy: "Try again, or use a larger model." },
  );
}
