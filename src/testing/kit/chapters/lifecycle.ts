import { toJsonSchema } from "../../../contract/schema.ts";
import { expect, Failure, Skip, type Chapter } from "../check.ts";
import { describeThrown } from "../describe-value.ts";
import { expectEndsAbandoned } from "../abandon.ts";
import { hang } from "../../faults/connection.ts";
import { abortable, anyCapability, askFirst, outcomeWithin } from "../trials.ts";
import { watchResources } from "../watch-resources.ts";
import { becomes, pause } from "../within.ts";

/** Its life: made, started, stopped, in any order. */
export const lifecycle: Chapter = {
  name: "lifecycle",
  about: "It is made, started and shut down in whatever order that happens.",
  checks: [
    {
      id: "lifecycle/definition",
      level: "bronze",
      title: "its definition is complete",
      why: "Lists, the configuration's schema and the plugin loader read the definition before anything runs.",
      remedy:
        "Make it with defineBackend: a type in lower case, a schema for its configuration, and create.",
      async run({ definition }) {
        const { contract, type, config, create } = definition;
        expect(contract === 1, `contract is ${JSON.stringify(contract)}, not 1.`);
        expect(
          typeof type === "string" && /^[a-z0-9][a-z0-9._-]*$/.test(type),
          `type is ${JSON.stringify(type)}.`,
        );
        expect(typeof create === "function", "create is no function.");
        try {
          toJsonSchema(config, "input");
        } catch (error) {
          throw new Failure(`Its schema gives no JSON Schema: ${describeThrown(error)}`, {
            thrown: error,
          });
        }
      },
    },
    {
      id: "lifecycle/create",
      level: "bronze",
      title: "create gives a backend at once",
      why: "All configured backends are made at start, before anybody asks for one.",
      remedy:
        "Return { capabilities: { … } } from create, and not a promise of it: what waits belongs into initialize.",
      async run(subject) {
        // What is none is refused there.
        const { backend } = subject.open();
        const own = Object.keys(backend.capabilities).join(", ") || "none";
        expect(
          subject.capabilities.length > 0,
          `It has no handler of a known capability; its handlers: ${own}.`,
          { remedy: "Name each handler after its capability: chat, completion, embedding." },
        );
      },
    },
    {
      id: "lifecycle/create-touches-nothing",
      level: "silver",
      title: "create touches nothing",
      why: "An idle server, and every start, would pay for a backend that nobody asks.",
      remedy:
        "Move what opens connections, starts timers or processes into initialize, or into the first call.",
      alone: true,
      async run(subject) {
        await using watched = watchResources();
        subject.open();
        await pause(20);
        const [first] = watched.made.filter(({ type }) => type !== "Promise");
        expect(first === undefined, () => `create has made a ${first!.what}.`, {
          where: first?.where(subject.definition.module),
        });
      },
    },
    {
      id: "lifecycle/shutdown-unused",
      level: "bronze",
      title: "can be shut down without having been started",
      why: "A backend that is configured and never asked is shut down all the same.",
      remedy: "Let shutdown end what is there, and nothing where nothing is.",
      async run(subject) {
        const { backend, call } = subject.open();
        if (backend.shutdown === undefined)
          throw new Skip("It has no shutdown.", { declared: true });
        await call("shutdown()", (each) => each.shutdown?.());
      },
    },
    {
      id: "lifecycle/shutdown-twice",
      level: "silver",
      title: "can be shut down twice",
      why: "An interrupted program and an administrator may both end it.",
      remedy: "Forget in shutdown what has been closed, so that a second one finds nothing to do.",
      async run(subject) {
        const opened = subject.open();
        if (opened.backend.shutdown === undefined)
          throw new Skip("It has no shutdown.", { declared: true });
        await opened.ready();
        await opened.call("shutdown()", (each) => each.shutdown?.());
        await opened.call("shutdown()", (each) => each.shutdown?.());
      },
    },
    {
      id: "lifecycle/again",
      level: "silver",
      title: "a new one works after an old one was shut down",
      why: "A change of the configuration replaces a backend while the program runs.",
      remedy: "Keep what a backend holds inside create, not in the module.",
      async run(subject) {
        const capability = anyCapability(subject);
        const model = await subject.modelFor(capability);
        const old = subject.open();
        await old.ready(model);
        await askFirst(old, capability, model, subject.request(capability));
        await old.shutdown();
        const next = subject.open();
        await next.ready(model);
        await next.ask(capability, model, subject.request(capability));
      },
    },
    {
      id: "lifecycle/shutdown-during-calls",
      level: "silver",
      title: "shuts down while calls run",
      why: "Who ends the program does not wait for a model that writes a book.",
      remedy:
        "Let shutdown end what is under way, and let handlers fail with an error where it was.",
      async run(subject) {
        const capability = anyCapability(subject);
        const model = await subject.modelFor(capability);
        const opened = subject.open();
        await opened.ready(model);
        const { signal, abort } = abortable();
        opened.upstreams.use(hang("before-headers"));
        const calls = Promise.all(
          [1, 2, 3].map(() =>
            opened.tryToAsk(capability, model, subject.request(capability), { signal }),
          ),
        );
        calls.catch(() => {}); // what one fails with is read below, once it is shut down
        await pause(10);
        await opened.shutdown();
        abort();
        const asked = opened.handlerOf(capability);
        await outcomeWithin(
          calls,
          subject.limits.settleMs,
          "A call that was under way when it was shut down, then aborted,",
          asked,
        );
      },
    },
    {
      id: "lifecycle/abandoned-start",
      level: "silver",
      title: "a start that nobody waits for any more ends",
      why: "A server that does not answer would keep the start, and all who wait for it, for ever.",
      remedy: "Hand the signal that initialize receives to everything it waits for.",
      async run(subject) {
        const opened = subject.open();
        if (opened.backend.initialize === undefined)
          throw new Skip("It has no initialize.", { declared: true });
        await expectEndsAbandoned(opened, subject, "initialize");
      },
    },
    {
      id: "lifecycle/no-handle",
      level: "gold",
      title: "leaves nothing open",
      why: "A timer, a socket or a process that is left keeps the program from ending, and a gateway that is reconfigured fills up.",
      remedy:
        "Clear every timer, close every socket and end every process, in shutdown at the latest.",
      alone: true,
      async run(subject) {
        const watched = watchResources();
        try {
          const opened = subject.open();
          for (const capability of subject.capabilities) {
            const model = await subject.modelFor(capability);
            await opened.ready(model);
            await opened.tryToAsk(capability, model, subject.request(capability));
          }
          await opened.shutdown();
          // What drains a connection may take a moment.
          await becomes(() => watched.open().length === 0, subject.limits.settleMs);
          const left = watched.open();
          expect(
            left.length === 0,
            () =>
              `After shutdown there is still ${left.map(({ what }) => `a ${what}`).join(", ")}.`,
            {
              where: left[0]?.where(subject.definition.module),
            },
          );
          const unread = opened.upstreams.requests.filter(
            ({ endedAtMs }) => endedAtMs === undefined,
          );
          expect(
            unread.length === 0,
            () =>
              `${unread.length} answers of the upstream were neither read to the end nor cancelled.`,
          );
        } finally {
          watched.stop();
        }
      },
    },
  ],
};
