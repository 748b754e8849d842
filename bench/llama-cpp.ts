import { createModelyard } from "../src/index.ts";
import { startLlamaServer } from "../test/peers/llama-server.ts";
import { smallModel } from "../test/peers/small-model.ts";
import { chatWithModelyard, chatWithServer, type Chat, type Message } from "./chat-clients.ts";
import { compare, milliseconds, tokensPerSecond } from "./interleave.ts";
import { chatModelFolder } from "./model-folder.ts";
import { factsPrompt, storyPrompt } from "./prompts.ts";
import type { BarGroup, Row } from "./row.ts";

const decodedTokens = 256;
const tokensAtOnce = 128;
/** About so many tokens, by so many facts. */
const prompts = [
  { tokens: 1000, facts: 34 },
  { tokens: 1750, facts: 60 },
];

/** The default chat model, one thread each, beside llama.cpp's own server on the same file. */
export const llamaCpp: BarGroup = async ({ rounds, say }) => {
  const model = await smallModel();
  await using peers = new AsyncDisposableStack();
  const start = async (slots: number) => {
    const server = await startLlamaServer({ model, slots, threads: 1, contextTokens: 4096 });
    peers.defer(server.stop);
    return chatWithServer(server.url);
  };
  const modelsDir = await chatModelFolder();
  await using modelyard = createModelyard({
    backends: { "llama-cpp": { type: "llama-cpp", threads: 1, gpu: false, modelsDir } },
  });
  const ours = chatWithModelyard(modelyard);
  const theirs = await start(1);
  for (const chat of [ours, theirs]) await chat({ messages: user("Hello."), maxTokens: 4 });

  const rows: Row[] = [];
  say(`decode, ${decodedTokens} tokens`);
  rows.push(
    await compare({
      what: `decode, ${decodedTokens} tokens, one thread`,
      rounds,
      limit: { atLeast: 0.95 },
      ours: (round) => decodeSpeed(ours, round),
      theirs: (round) => decodeSpeed(theirs, round),
      format: tokensPerSecond,
    }),
  );
  for (const { tokens, facts } of prompts) {
    say(`prompt, about ${tokens} tokens`);
    rows.push(
      await compare({
        what: `prompt, about ${tokens} tokens, one thread`,
        rounds,
        limit: { atLeast: 0.85 },
        ours: (round) => promptSpeed(ours, factsPrompt(`${tokens} ${round} ours`, facts)),
        theirs: (round) => promptSpeed(theirs, factsPrompt(`${tokens} ${round} theirs`, facts)),
        format: tokensPerSecond,
      }),
    );
  }
  say("second turn");
  rows.push(
    await compare({
      what: "second turn to its first token, against the same prompt cold",
      rounds,
      limit: { atMost: 0.3 },
      ours: (round) => secondTurn(ours, `${round} warm`, { warm: true }),
      theirs: (round) => secondTurn(ours, `${round} cold`, { warm: false }),
      format: milliseconds,
    }),
  );
  const four = await start(4);
  for (const chat of [ours, four]) await fourAtOnce(chat, "first");
  say("four chats at once");
  rows.push(
    await compare({
      what: "four chats at once, against four slots",
      rounds,
      limit: { atLeast: 0.9 },
      ours: (round) => fourAtOnce(ours, round),
      theirs: (round) => fourAtOnce(four, round),
      format: tokensPerSecond,
    }),
  );
  return rows;
};

async function decodeSpeed(chat: Chat, round: number): Promise<number> {
  const messages = user(storyPrompt(round));
  const { firstMs, lastMs, outputTokens } = await chat({ messages, maxTokens: decodedTokens });
  if (outputTokens !== decodedTokens) {
    throw new Error(`It ended after ${outputTokens} tokens instead of ${decodedTokens}.`);
  }
  return (outputTokens - 1) / ((lastMs - firstMs) / 1000);
}

async function promptSpeed(chat: Chat, prompt: string): Promise<number> {
  const { firstMs, inputTokens } = await chat({ messages: user(prompt), maxTokens: 4 });
  return inputTokens / (firstMs / 1000);
}

const firstAnswer = "The longest river is number 189, which runs past Dville.";

/** To the first token of a second turn whose first was asked before, or never. */
async function secondTurn(chat: Chat, mark: string, { warm }: { warm: boolean }): Promise<number> {
  const first = user(factsPrompt(mark, prompts[0]?.facts ?? 0));
  // A cold one holds the same number of words.
  const answer = warm ? (await chat({ messages: first, maxTokens: 16 })).text : firstAnswer;
  const messages: Message[] = [
    ...first,
    { role: "assistant", content: answer },
    ...user("And which is the shortest?"),
  ];
  return (await chat({ messages, maxTokens: 4 })).firstMs;
}

/** Tokens of all four, prompts not counted, in the time until the last has ended. */
async function fourAtOnce(chat: Chat, mark: number | string): Promise<number> {
  const startedAt = performance.now();
  const answers = await Promise.all(
    ["a sailor", "a miner", "a baker", "a pilot"].map((hero) =>
      chat({ messages: user(storyPrompt(mark, hero)), maxTokens: tokensAtOnce }),
    ),
  );
  const tokens = answers.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  return tokens / ((performance.now() - startedAt) / 1000);
}

function user(content: string): Message[] {
  return [{ role: "user", content }];
}
