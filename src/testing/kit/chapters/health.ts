import type { Backend, Health } from "../../../contract/backend.ts";
import { methodAnswers } from "../../../contract/method-answers.ts";
import { expectEndsAbandoned } from "../abandon.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import type { Subject } from "../subject.ts";
import { outcomeWithin } from "../trials.ts";
import { expectValid } from "./capability.ts";

type HealthCheck = NonNullable<Backend["healthCheck"]>;

/** What it says of itself. */
export const health: Chapter = {
  name: "health",
  about: "Its health check tells the truth, costs nothing, and ends.",
  checks: [
    {
      id: "health/healthy",
      level: "bronze",
      title: "is healthy when all is well, before it was started too",
      why: "A backend that calls itself unhealthy is passed over for others.",
      remedy: 'Give { status: "healthy" } where a request that costs nothing is answered.',
      async run(subject) {
        const opened = openWithHealth(subject);
        const said = await probe(opened);
        const asked = opened.backend.healthCheck;
        expectValid(methodAnswers.healthCheck, said, "answer of healthCheck", asked);
        expect(
          said.status !== "unhealthy",
          () => `It says unhealthy: ${said.reason ?? "without a reason"}.`,
          { asked },
        );
      },
    },
    {
      id: "health/unreachable",
      level: "silver",
      title: "is unhealthy when its server is away, and well again afterwards",
      why: "Health decides where calls go: a server that is away would be asked on and on.",
      remedy: "Ask the server in healthCheck, and let the error out or give unhealthy.",
      async run(subject) {
        const opened = openWithHealth(subject);
        await probe(opened);
        if (opened.upstreams.requests.length === 0)
          throw new Skip("Its health check asks no server.", { declared: subject.sendsNothing });
        await opened.upstreams.refuse();
        const away = await outcomeWithin(
          probe(opened),
          subject.limits.answerMs,
          "healthCheck(), its server away,",
        );
        expect(
          away.value === undefined || away.value.status === "unhealthy",
          () => `Its server refuses connections, and it says ${describeValue(away.value)}.`,
          { asked: opened.backend.healthCheck },
        );
        await opened.upstreams.accept();
        const back = await probe(opened);
        expect(
          back.status !== "unhealthy",
          () => `Its server is back, and it still says ${describeValue(back)}.`,
          { asked: opened.backend.healthCheck },
        );
      },
    },
    {
      id: "health/free",
      level: "silver",
      title: "asks no model",
      why: "It is asked every few seconds: each token that it spends is paid for.",
      remedy: "Ask for the list of models, or for what the server offers as a health check.",
      async run(subject) {
        const opened = openWithHealth(subject);
        await probe(opened);
        const [prompted] = opened.upstreams.requests.filter(({ prompt }) => prompt !== undefined);
        expect(
          prompted === undefined,
          () => `It sent a prompt: ${prompted!.method} ${prompted!.path}.`,
          { asked: opened.backend.healthCheck },
        );
      },
    },
    {
      id: "health/abandoned",
      level: "silver",
      title: "ends when nobody waits for it any more",
      why: "Probes of a server that hangs would pile up.",
      remedy: "Hand the signal that healthCheck receives to fetch.",
      async run(subject) {
        const opened = openWithHealth(subject);
        await expectEndsAbandoned(opened, subject, "healthCheck");
      },
    },
  ],
};

function openWithHealth(subject: Subject): OpenedBackend {
  const opened = subject.open();
  if (opened.backend.healthCheck === undefined)
    throw new Skip("It has no healthCheck.", { declared: true });
  return opened;
}

function probe(opened: OpenedBackend): Promise<Health> {
  const { signal } = new AbortController();
  return opened.call("healthCheck()", (each: { healthCheck?: HealthCheck }) =>
    each.healthCheck!(signal),
  );
}
