import { expect, Skip, type Chapter } from "../check.ts";
import { describeThrown, describeValue } from "../describe-value.ts";
import { joined, replaced } from "../faults.ts";
import { plainText } from "../sample-request.ts";
import { sentTexts } from "../sent-texts.ts";
import type { Subject } from "../subject.ts";
import {
  abortable,
  essenceOf,
  outcomeWithin,
  readyFor,
  readyWithUpstream,
  steadyAnswer,
} from "../trials.ts";
import { becomes, pause } from "../within.ts";
import { longestWord } from "./concurrency.ts";

/** Characters of two, three and four bytes, joined ones, marks that others rely on, and what JSON escapes. */
const unicode = 'ä€𝄞 👩‍👩‍👧 é e\u0301 العربية \u2028 "quoted" \\ back\\slash \t tab';
/** In an answer: characters of several bytes, and nothing that JSON escapes. */
const split = "ä€𝄞😀";
const largeCharacters = 1_000_000;

/** Text in every language, and much of it. */
export const unicodeAndSize: Chapter = {
  name: "unicode-and-size",
  about: "Text passes unharmed, whatever it holds and however long it is.",
  checks: [
    {
      id: "unicode-and-size/sent-whole",
      level: "gold",
      title: "sends every character as it is",
      why: "Most people write in more than ASCII.",
      remedy: "Let JSON.stringify make the body, and fetch encode it.",
      async run(subject) {
        for (const capability of subject.capabilities) {
          const { opened, model } = await readyWithUpstream(subject, capability);
          const before = opened.upstreams.requests.length;
          const text = `${plainText} ${unicode}`;
          await opened.tryToAsk(capability, model, subject.request(capability, text));
          const sent = sentTexts(opened.upstreams.requests.slice(before));
          expect(
            sent.some((each) => each.includes(unicode)),
            () =>
              `Of ${describeValue(unicode)} there was sent ${describeValue(sent.find((each) => each.includes("ä")) ?? sent.join(" "))}.`,
            { asked: opened.handlerOf(capability) },
          );
        }
      },
    },
    {
      id: "unicode-and-size/split-characters",
      level: "gold",
      title: "puts characters together that come in pieces",
      why: "A network cuts where it likes, in the midst of a character too.",
      remedy: "Decode with one TextDecoder and { stream: true }, or use readEvents and readLines.",
      async run(subject) {
        await eachText(subject, async (opened, capability, model, plain, word) => {
          opened.upstreams.use(replaced(word, split, { split: true }));
          const answer = essenceOf(
            capability,
            await opened.ask(capability, model, subject.request(capability)),
          ) as string;
          // Where the word came in pieces nothing was replaced.
          const whole = answer.includes(split) ? plain.replaceAll(word, split) : plain;
          expect(
            answer === whole,
            () => `Sent a byte at a time, ${describeValue(whole)} became ${describeValue(answer)}.`,
            { asked: opened.handlerOf(capability) },
          );
        });
      },
    },
    {
      id: "unicode-and-size/in-one-piece",
      level: "gold",
      title: "reads an answer that comes in one piece",
      why: "A network joins what it likes: several events may come at once.",
      remedy: "Part what comes at its line ends, not at its chunks.",
      async run(subject) {
        await eachText(subject, async (opened, capability, model, plain) => {
          opened.upstreams.use(joined);
          const request = subject.request(capability);
          const answer = essenceOf(capability, await opened.ask(capability, model, request));
          expect(
            answer === plain,
            () => `Sent in one piece, ${describeValue(plain)} became ${describeValue(answer)}.`,
            { asked: opened.handlerOf(capability) },
          );
        });
      },
    },
    {
      id: "unicode-and-size/large-input",
      level: "gold",
      title: "takes a large input, or refuses it",
      why: "Somebody will paste a whole book.",
      remedy: "Send it whole; throw context-length-exceeded where it can't fit.",
      async run(subject) {
        const [capability] = [...subject.streaming, ...subject.capabilities];
        if (capability === undefined) throw new Skip("It has no handler of a known capability.");
        const { opened, model, asked } = await readyFor(subject, capability);
        const end = " the end, kit-5.";
        const text = `${`${"long".repeat(25)} `.repeat(largeCharacters / 100)}${end}`;
        const before = opened.upstreams.requests.length;
        const { signal, abort } = abortable();
        const isSent = () => opened.upstreams.requests.length > before;
        const asking = opened.tryToAsk(capability, model, subject.request(capability, text), {
          signal,
          limitMs: subject.limits.answerMs * 2,
        });
        let isOver = false;
        const stopLooking = () => (isOver = true);
        void asking.then(stopLooking, stopLooking);
        // An answer as long as the question may take its time: what counts has been sent by then.
        const outcome = await Promise.race([
          asking,
          becomes(() => isOver || isSent(), subject.limits.answerMs),
        ]);
        if (typeof outcome === "boolean") {
          await Promise.race([asking, pause(300)]);
          abort();
          await outcomeWithin(
            asking,
            subject.limits.settleMs,
            "A call with a large input, given up,",
            asked,
          );
        } else if (outcome.thrown !== undefined) {
          const { error } = outcome.thrown;
          expect(
            error instanceof Error &&
              !/stack size|heap|RangeError/.test(`${error.name} ${error.message}`),
            () => `It threw ${describeThrown(error)}`,
            { thrown: error, asked },
          );
          return;
        }
        const sent = sentTexts(opened.upstreams.requests.slice(before));
        expect(
          sent.length === 0 || sent.some((each) => each.includes(end)),
          "It answered, and of an input of 1,000,000 characters the end was not sent.",
          { asked },
        );
      },
    },
  ],
};

async function eachText(
  subject: Subject,
  run: (
    opened: Awaited<ReturnType<typeof readyWithUpstream>>["opened"],
    capability: Subject["capabilities"][number],
    model: string,
    plain: string,
    word: string,
  ) => Promise<void>,
): Promise<void> {
  if (subject.streaming.length === 0)
    throw new Skip("It has no capability that answers in text.", { declared: true });
  let untold: Skip | undefined;
  let told = 0;
  for (const capability of subject.streaming) {
    const { opened, model } = await readyWithUpstream(subject, capability);
    const plain = await steadyAnswer(opened, capability, model, subject.request(capability));
    const word = longestWord(plain);
    if (typeof plain !== "string" || word === undefined) {
      untold = new Skip("Its answers hold no word that could be replaced.", { declared: true });
      continue;
    }
    told += 1;
    await run(opened, capability, model, plain, word);
  }
  if (told === 0 && untold !== undefined) throw untold;
}
