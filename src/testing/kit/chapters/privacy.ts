import { expect, Skip, type Chapter } from "../check.ts";
import type { OpenedBackend } from "../open-backend.ts";
import { withPlantedKey } from "../planted-key.ts";
import { plainText } from "../sample-request.ts";
import { sendsOf, type Subject } from "../subject.ts";
import { watchSending } from "../watch-sending.ts";

/** Where prompts go. */
export const privacy: Chapter = {
  name: "privacy",
  about: "It sends where it says, by the fetch that it is given, and tells nobody what was asked.",
  checks: [
    {
      id: "privacy/own-connections",
      level: "silver",
      title: "sends by the fetch that it is given, and by nothing else",
      why: "The guarded fetch holds a call to how far its prompt may go; what goes around it is held by nothing.",
      remedy:
        'Use context.fetch in handlers, and setup.fetch elsewhere. What can\'t (a library of its own) is declared: sends: "by-itself".',
      alone: true,
      async run(subject) {
        const sends = sendsOf(subject.definition, subject.config);
        if (sends === "by-itself")
          throw new Skip("Its definition says that it sends by itself.", { declared: true });
        const watched = watchSending();
        try {
          await useAll(subject, subject.open());
          const [first] = watched.sent();
          expect(first === undefined, () => `It opened ${first!.what} to ${first!.to} by itself.`, {
            where: first?.where(subject.definition.module),
          });
        } finally {
          watched.stop();
        }
      },
    },
    {
      id: "privacy/sends-nothing",
      level: "silver",
      title: "sends nothing where it says so",
      why: "A backend that says so is asked under the strictest privacy.",
      remedy: 'Leave out sends: "nothing", and say in upstream where it sends.',
      async run(subject) {
        if (!subject.sendsNothing)
          throw new Skip("Its definition does not say that it sends nothing.", { declared: true });
        const opened = subject.open();
        await useAll(subject, opened);
        const { origins } = opened.upstreams;
        expect(origins.length === 0, () => `It sent to ${origins.join(", ")}.`);
      },
    },
    {
      id: "privacy/declared-upstream",
      level: "silver",
      title: "sends to the address that it declares",
      why: "Its privacy class is that of the address it declares.",
      remedy: "Give in upstream the address that all its requests begin with.",
      async run(subject) {
        if (subject.sendsNothing)
          throw new Skip("Its definition says that it sends nothing.", { declared: true });
        const declared = subject.definition.upstream?.(subject.config as never)?.url;
        if (declared === undefined)
          throw new Skip("Its definition declares no address, so it counts as remote.", {
            declared: true,
          });
        const opened = subject.open();
        await useAll(subject, opened);
        const { origin } = new URL(declared);
        const other = opened.upstreams.origins.find((each) => each !== origin);
        expect(other === undefined, `It declares ${origin}, and sent to ${other}.`);
      },
    },
    {
      id: "privacy/log",
      level: "silver",
      title: "its log holds neither prompts nor keys",
      why: "Logs are kept, copied and read by others.",
      remedy: "Log what happened, with counts and names, never what was asked.",
      async run(subject) {
        const opened = subject.open();
        await useAll(subject, opened);
        const line = opened.logged.find((each) => each.includes(plainText));
        expect(line === undefined, "A line of its log holds the prompt.");
        if (!takesKey(subject)) return;
        const { config, key } = withPlantedKey(subject);
        const keyed = subject.open({ config });
        await useAll(subject, keyed).catch(() => {}); // with a key that is nobody's it may be refused
        expect(
          !keyed.logged.some((each) => each.includes(key)),
          "A line of its log holds its key.",
        );
      },
    },
  ],
};

/** Everything that a backend may be used for. */
async function useAll(subject: Subject, opened: OpenedBackend): Promise<void> {
  const { signal } = new AbortController();
  await opened.call("healthCheck()", (each) => each.healthCheck?.(signal)).catch(() => {}); // how it is, is another chapter's
  await opened.call("listModels()", (each) => each.listModels?.(signal)).catch(() => {}); // the same
  for (const capability of subject.capabilities) {
    const model = await subject.modelFor(capability);
    await opened.ready(model);
    await opened.tryToAsk(capability, model, subject.request(capability));
  }
  await opened.shutdown();
}

function takesKey(subject: Subject): boolean {
  try {
    withPlantedKey(subject);
    return true;
  } catch (error) {
    if (error instanceof Skip) return false;
    throw error;
  }
}
