import type { AnyCapability } from "../../../contract/capability.ts";
import { hang, late } from "../../faults/connection.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import { replaced } from "../faults.ts";
import type { OpenedBackend } from "../open-backend.ts";
import { plainText } from "../sample-request.ts";
import { sentTexts } from "../sent-texts.ts";
import type { Subject } from "../subject.ts";
import { abortable, essenceOf, isSame, readyFor, steadyAnswer } from "../trials.ts";

/** Calls that run at once, each with a text of its own. */
const texts = ["alpha", "bravo", "charlie", "delta"].map((name) => `${name}: ${plainText}`);

/** What calls do to each other: nothing. */
export const concurrency: Chapter = {
  name: "concurrency",
  about: "Calls that run at once know nothing of each other.",
  checks: [
    {
      id: "concurrency/not-mixed",
      level: "silver",
      title: "mixes nothing between calls",
      why: "An answer that holds what somebody else asked is the worst that can happen.",
      remedy: "Keep what belongs to a call in its handler's own variables, not beside them.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          await expectUnmixed(
            subject,
            capability,
            model,
            texts.map(() => opened),
          );
        }),
    },
    {
      id: "concurrency/marked-answers",
      level: "silver",
      title: "gives each call its own server's answer",
      why: "Answers that come back in another order than they were asked for must not be swapped.",
      remedy: "Read the answer from the response of this very request.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          await expectOwnAnswers(subject, capability, opened, model);
        }),
    },
    {
      id: "concurrency/instances",
      level: "silver",
      title: "mixes nothing between two backends of its kind",
      why: "Two are often configured: two servers, two accounts. What one knows must not reach the other.",
      remedy: "Keep what a backend holds inside create, not in the module.",
      run: (subject) =>
        each(subject, async (capability, first, model) => {
          const second = subject.open({ name: `${subject.definition.type}-2` });
          await second.ready(model);
          const instances = texts.map((_, at) => (at % 2 === 0 ? first : second));
          await expectUnmixed(subject, capability, model, instances);
        }),
    },
    {
      id: "concurrency/instance-shut-down",
      level: "silver",
      title: "one that is shut down leaves the other alone",
      why: "A backend that is removed must not take its twin down.",
      remedy: "Close in shutdown what this one has opened, and nothing that is shared.",
      run: (subject) =>
        each(subject, async (capability, first, model) => {
          const second = subject.open({ name: `${subject.definition.type}-2` });
          await second.ready(model);
          await first.ask(capability, model, subject.request(capability));
          await first.shutdown();
          await second.ask(capability, model, subject.request(capability));
        }),
    },
    {
      id: "concurrency/one-given-up",
      level: "silver",
      title: "a call that is given up leaves the others alone",
      why: "Somebody always leaves.",
      remedy: "Abort what belongs to that call alone: use its own signal.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const { signal, abort } = abortable();
          const request = subject.request(capability);
          const alone = await steadyAnswer(opened, capability, model, request);
          let hangs = true;
          opened.upstreams.choose(() => {
            const fault = hangs ? hang("middle") : late(30);
            hangs = false;
            return fault;
          });
          const given = opened.tryToAsk(capability, model, request, { signal });
          const others = [1, 2, 3].map(() => opened.ask(capability, model, request));
          setTimeout(abort, 15);
          for (const other of others) {
            const answer = essenceOf(capability, await other);
            expect(
              isSame(alone, answer),
              () => `Alone: ${describeValue(alone)}; beside it: ${describeValue(answer)}.`,
              { asked: opened.handlerOf(capability) },
            );
          }
          await given;
        }),
    },
    {
      id: "concurrency/many",
      level: "gold",
      title: "answers many calls at once",
      why: "A team's gateway has hundreds under way.",
      remedy: "Let calls wait for each other only where the model has to.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const request = subject.request(capability);
          const alone = await steadyAnswer(opened, capability, model, request);
          const many = Array.from({ length: 32 }, () => opened.ask(capability, model, request));
          for (const answer of (await Promise.all(many)).map((all) => essenceOf(capability, all)))
            expect(
              isSame(alone, answer),
              () => `Alone: ${describeValue(alone)}; among 32: ${describeValue(answer)}.`,
              { asked: opened.handlerOf(capability) },
            );
        }),
    },
  ],
};

async function each(
  subject: Subject,
  run: (capability: AnyCapability, opened: OpenedBackend, model: string) => Promise<void>,
): Promise<void> {
  let untold: Skip | undefined;
  let told = 0;
  for (const capability of subject.capabilities) {
    const { opened, model } = await readyFor(subject, capability);
    try {
      await run(capability, opened, model);
      told += 1;
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      untold = error;
    }
  }
  if (told === 0 && untold !== undefined) throw untold;
}

/** Each text asked alone, then all at once, the answers of its servers coming in another order. */
async function expectUnmixed(
  subject: Subject,
  capability: AnyCapability,
  model: string,
  instances: readonly OpenedBackend[],
): Promise<void> {
  const asked = instances[0]!.handlerOf(capability);
  const requests = texts.map((text) => subject.request(capability, text));
  const alone: unknown[] = [];
  for (const request of requests)
    alone.push(await steadyAnswer(instances[0]!, capability, model, request));
  const all = [...new Set(instances)];
  const before = all.map(({ upstreams }) => upstreams.requests.length);
  let number = 0;
  for (const { upstreams } of all)
    upstreams.choose(() => late(Math.max(0, texts.length - (number += 1)) * 4));
  const together = await Promise.all(
    requests.map((request, at) => instances[at]!.ask(capability, model, request)),
  );
  for (const [at, answered] of together.entries()) {
    const answer = essenceOf(capability, answered);
    expect(
      isSame(alone[at], answer),
      () =>
        `Asked alone ${describeValue(texts[at])} is answered ${describeValue(alone[at])}; beside others ${describeValue(answer)}.`,
      { asked },
    );
  }
  const sent = all
    .flatMap(({ upstreams }, at) => sentTexts(upstreams.requests.slice(before[at])))
    .join("\n");
  if (sent === "") return;
  const lost = texts.find((text) => !sent.includes(text));
  expect(lost === undefined, () => `${describeValue(lost)} was asked, and never sent.`, { asked });
}

/** Each call's server says a word of its own in its answer: it must come back to that call. */
async function expectOwnAnswers(
  subject: Subject,
  capability: AnyCapability,
  opened: OpenedBackend,
  model: string,
): Promise<void> {
  const plain = await steadyAnswer(
    opened,
    capability,
    model,
    subject.request(capability, texts[0]),
  );
  const word = longestWord(plain);
  if (opened.upstreams.requests.length === 0)
    throw new Skip("It asks no server by the fetch that it is given.", { declared: true });
  if (word === undefined)
    throw new Skip("Its servers' answers hold no word that could be marked.", { declared: true });
  let answering = 0;
  opened.upstreams.choose(({ bytes }) => {
    const at = texts.findIndex((text) => bytes.includes(text.slice(0, text.indexOf(":") + 1)));
    answering += 1;
    const fault = at < 0 ? undefined : replaced(word, markOf(at));
    return fault && delayed(fault, Math.max(0, texts.length - answering) * 4);
  });
  const answers = await Promise.all(
    texts.map((text) => opened.ask(capability, model, subject.request(capability, text))),
  );
  for (const [at, answered] of answers.entries()) {
    const said = JSON.stringify(essenceOf(capability, answered));
    const other = texts.findIndex((_, index) => index !== at && said.includes(markOf(index)));
    expect(
      other === -1,
      () =>
        `The call ${describeValue(texts[at])} was given the answer to ${describeValue(texts[other])}.`,
      { asked: opened.handlerOf(capability) },
    );
  }
}

function delayed(fault: ReturnType<typeof replaced>, ms: number): ReturnType<typeof replaced> {
  return async (exchange) => {
    await new Promise((resolve) => void setTimeout(resolve, ms));
    await fault(exchange);
  };
}

function markOf(at: number): string {
  return `kit${at}mark`;
}

/** The longest plain word of an answer's text: what is likeliest to stand in one piece in what the server sends. */
export function longestWord(essence: unknown): string | undefined {
  const words = typeof essence === "string" ? (essence.match(/[A-Za-z]{4,}/g) ?? []) : [];
  return words.toSorted((a, b) => b.length - a.length)[0];
}
