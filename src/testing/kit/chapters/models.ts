import type { Model } from "../../../contract/backend.ts";
import { methodAnswers } from "../../../contract/method-answers.ts";
import { expectEndsAbandoned } from "../abandon.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import type { Subject } from "../subject.ts";
import { anyCapability, readyFor } from "../trials.ts";
import { expectValid } from "./capability.ts";

/** What it lists, and how it keeps models in memory. */
export const models: Chapter = {
  name: "models",
  about: "It lists its models as they are, and loads and unloads them.",
  checks: [
    {
      id: "models/list",
      level: "bronze",
      title: "lists its models, each with a name, before it was started too",
      why: "The list is what people choose from, and what a bare name is looked up in.",
      remedy: "Give a list of { name } from listModels, each name once.",
      async run(subject) {
        const opened = openWithList(subject);
        const asked = opened.backend.listModels;
        const all = await list(opened);
        expectValid(methodAnswers.listModels, all, "answer of listModels", asked);
        const names = all.map(({ name }) => name);
        const twice = names.find((name, at) => names.indexOf(name) !== at);
        expect(twice === undefined, () => `${JSON.stringify(twice)} is listed twice.`, { asked });
      },
    },
    {
      id: "models/figures",
      level: "bronze",
      title: "says of its models what can be true",
      why: "Sizes and windows decide what is loaded and what is refused.",
      remedy: "Leave out what is not known; a guess is worse.",
      async run(subject) {
        const opened = openWithList(subject);
        const asked = opened.backend.listModels;
        const known = Object.keys(opened.backend.capabilities);
        for (const model of await list(opened)) {
          for (const field of ["contextTokens", "sizeBytes", "memoryBytes"] as const) {
            const figure = model[field];
            expect(
              figure === undefined || (Number.isInteger(figure) && figure >= 0),
              () => `${model.name}: ${field} is ${describeValue(figure)}.`,
              { asked },
            );
          }
          const own = model.capabilities ?? [];
          expect(
            model.capabilities === undefined ||
              own.length === 0 ||
              own.some((each) => known.includes(each)),
            () => `${model.name} can do ${own.join(", ")}, and there is a handler for none of it.`,
            { asked },
          );
        }
      },
    },
    {
      id: "models/asked-is-listed",
      level: "bronze",
      title: "lists the model that is asked, or takes any",
      why: "A model that is not listed is refused by the gateway before it reaches the backend.",
      remedy: "List it, or give true from takesAnyModel.",
      async run(subject) {
        const opened = openWithList(subject);
        const all = await list(opened);
        const model = await subject.modelFor(anyCapability(subject));
        const isListed = all.some((each) => each.name === model || each.aliases?.includes(model));
        expect(
          isListed || opened.backend.takesAnyModel?.() === true,
          () =>
            `${JSON.stringify(model)} is not among them: ${all.map(({ name }) => name).join(", ") || "the list is empty"}.`,
          { asked: opened.backend.listModels },
        );
      },
    },
    {
      id: "models/list-abandoned",
      level: "silver",
      title: "its list ends when nobody waits for it any more",
      why: "Lists of a server that hangs would pile up.",
      remedy: "Hand the signal that listModels receives to fetch.",
      async run(subject) {
        const opened = openWithList(subject);
        await expectEndsAbandoned(opened, subject, "listModels");
      },
    },
    {
      id: "models/load",
      level: "bronze",
      title: "its load says what the model takes in memory, or nothing",
      why: "The room that a model takes decides which others may stay; another answer fails the call that waits for it.",
      remedy: "Return { memoryBytes } from load, or nothing.",
      async run(subject) {
        const model = await subject.modelFor(anyCapability(subject));
        const opened = subject.open();
        const asked = opened.backend.load;
        if (asked === undefined) throw new Skip("It has no load.", { declared: true });
        await opened.ready();
        expectValid(
          methodAnswers.load,
          await load(opened, subject, model),
          "answer of load",
          asked,
        );
      },
    },
    {
      id: "models/load-unload",
      level: "silver",
      title: "answers again after its model was unloaded",
      why: "A model leaves memory when another one needs the room, and comes back with the next call.",
      remedy: "Let a handler, or load, read the model where it is not in memory.",
      async run(subject) {
        const capability = anyCapability(subject);
        const { opened, model } = await readyFor(subject, capability);
        const { backend } = opened;
        if (backend.unload === undefined) throw new Skip("It has no unload.", { declared: true });
        const request = subject.request(capability);
        await opened.ask(capability, model, request);
        await opened.call("unload()", (each) => each.unload!(model));
        await opened.call("unload()", (each) => each.unload!(model));
        await load(opened, subject, model);
        await opened.ask(capability, model, request);
      },
    },
  ],
};

function openWithList(subject: Subject): OpenedBackend {
  const opened = subject.open();
  if (opened.backend.listModels === undefined)
    throw new Skip("It has no listModels.", { declared: true });
  return opened;
}

function list(opened: OpenedBackend): Promise<Model[]> {
  const { signal } = new AbortController();
  return opened.call("listModels()", (each) => each.listModels!(signal));
}

function load(opened: OpenedBackend, { limits }: Subject, model: string): Promise<unknown> {
  const { signal } = new AbortController();
  return opened.call(
    "load()",
    (each) => each.load?.(model, { signal, progress() {} }),
    limits.startMs,
  );
}
