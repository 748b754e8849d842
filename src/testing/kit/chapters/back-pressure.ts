import type { AnyEvent } from "../../../contract/capability.ts";
import { asAuthor } from "../author-code.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import { flood } from "../faults.ts";
import type { Subject } from "../subject.ts";
import { abortable, isSame, readyFor, steadyAnswer } from "../trials.ts";
import { pause, within } from "../within.ts";

/** What the server would send, and what systems and buffers on the way may take of it, in bytes. */
const floodBytes = 96 * 1024 * 1024;
const mostTakenBytes = 40 * 1024 * 1024;

/** What becomes of an answer that is read slowly. */
export const backPressure: Chapter = {
  name: "back-pressure",
  about: "An answer waits for its reader.",
  checks: [
    {
      id: "back-pressure/slow-reader",
      level: "gold",
      title: "gives a slow reader the whole answer",
      why: "A client on a bad line reads slower than a model writes.",
      remedy: "Yield each event, and go on when the reader asks for the next.",
      async run(subject) {
        for (const capability of streamed(subject)) {
          const { opened, model } = await readyFor(subject, capability);
          const request = subject.request(capability);
          const plain = await steadyAnswer(opened, capability, model, request);
          const answer = opened.begin(capability, model, request) as AsyncIterable<AnyEvent>;
          let text = "";
          let read = 0;
          const reading = asAuthor(async () => {
            for await (const event of answer) {
              text += capability.text.ofEvent?.(event as never) ?? "";
              if ((read += 1) <= 5) await pause(25);
            }
          });
          const asked = opened.handlerOf(capability);
          await within(reading, subject.limits.answerMs, "An answer that is read slowly", asked);
          expect(
            isSame(plain, text),
            () => `Read at once: ${describeValue(plain)}; read slowly: ${describeValue(text)}.`,
            { asked },
          );
        }
      },
    },
    {
      id: "back-pressure/reads-ahead",
      level: "gold",
      title: "does not read on while nobody reads",
      why: "A fast server and a slow client would fill the memory of everybody.",
      remedy:
        "Read the server's answer in the same loop that yields (readEvents, readLines), and don't gather it first.",
      async run(subject) {
        let tried = 0;
        for (const capability of streamed(subject)) {
          const { opened, model, asked } = await readyFor(subject, capability);
          const { signal, abort } = abortable();
          const flooded = flood(floodBytes);
          opened.upstreams.use(flooded.fault);
          const answer = opened.begin(capability, model, subject.request(capability), { signal });
          const iterator = (answer as AsyncIterable<AnyEvent>)[Symbol.asyncIterator]();
          const first = asAuthor(async () => iterator.next());
          first.catch(() => {}); // one who reads all of it first fails below, or gives in to the abort
          await Promise.race([first.catch(() => {}), pause(500)]);
          const takenBytes = await settled(() => flooded.takenBytes);
          abort();
          await asAuthor(async () => iterator.return?.()).catch(() => {}); // that it ends is another check's
          if (!flooded.isSent) continue;
          tried += 1;
          expect(
            takenBytes <= mostTakenBytes,
            `One event was read, and it had taken ${Math.round(takenBytes / 1024 / 1024)} MiB from its server.`,
            { asked },
          );
        }
        if (tried === 0)
          throw subject.sendsNothing
            ? new Skip("Its definition says that it sends nothing.", { declared: true })
            : new Skip("Its server does not stream its answers.");
      },
    },
  ],
};

function streamed({ streaming }: Subject): Subject["streaming"] {
  if (streaming.length > 0) return streaming;
  throw new Skip("It has no capability that streams.", { declared: true });
}

/** A figure once it has stopped growing, or has gone too far. */
async function settled(figure: () => number): Promise<number> {
  for (let before = -1, now = figure(); ; before = now, now = figure()) {
    if (now === before || now > mostTakenBytes) return now;
    await pause(120);
  }
}
