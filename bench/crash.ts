import { createModelyard, isModelyardError } from "../src/index.ts";
import { chatWithModelyard, type Chat } from "./chat-clients.ts";
import { milliseconds } from "./interleave.ts";
import { chatModelFolder } from "./model-folder.ts";
import { runningEngines } from "./process-tree.ts";
import { storyPrompt } from "./prompts.ts";
import type { BarGroup } from "./row.ts";

/** `kill -9` of the engine in mid-answer: the call fails, we live on, and the next call is answered by a new engine. */
export const crash: BarGroup = async ({ say }) => {
  const modelsDir = await chatModelFolder();
  await using modelyard = createModelyard({
    backends: { "llama-cpp": { type: "llama-cpp", threads: 1, gpu: false, modelsDir } },
  });
  const chat = chatWithModelyard(modelyard);
  say("an engine killed in mid-answer");
  const first = await killedInAnswer(chat);
  const startedAt = performance.now();
  const second = await chat({ messages: [{ role: "user", content: "Hello." }], maxTokens: 16 });
  const tookMs = performance.now() - startedAt;
  const answered = second.text !== "";
  return [
    {
      what: "kill -9 of the engine in mid-answer, then a new call",
      ours: `${first}, then ${answered ? "an answer" : "no answer"} in ${milliseconds(tookMs)}`,
      bar: "an error, an answer",
      met: first === "stream-interrupted" && answered,
    },
  ];
};

/** The code of the error that the caller sees. */
async function killedInAnswer(chat: Chat): Promise<string> {
  let pieces = 0;
  const onText = () => {
    if (++pieces === 10) void killEngines();
  };
  const messages = [{ role: "user" as const, content: storyPrompt("killed") }];
  try {
    await chat({ messages, maxTokens: 1000, onText });
    return "a whole answer";
  } catch (error) {
    if (isModelyardError(error)) return error.code;
    throw error;
  }
}

async function killEngines(): Promise<void> {
  for (const pid of await runningEngines()) process.kill(pid, "SIGKILL");
}
