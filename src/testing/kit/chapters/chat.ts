import type { AnyCapability } from "../../../contract/capability.ts";
import { expect, Skip, type Check } from "../check.ts";
import { sentTexts } from "../sent-texts.ts";
import { readyFor } from "../trials.ts";

/** A single red point. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/** What a conversation must become. */
export function chatChecks(capability: AnyCapability): Check[] {
  return [
    {
      id: "chat/conversation",
      level: "bronze",
      title: "sends the whole conversation, in its order",
      why: "A model that sees the last message alone has forgotten everything.",
      remedy: "Send every message: system, user and assistant, each with all of its text parts.",
      async run(subject) {
        const { opened, model } = await readyFor(subject, capability);
        const said = ["system kit-1", "first kit-2", "answer kit-3", "second kit-4"];
        const roles = ["system", "user", "assistant", "user"];
        const messages = said.map((content, at) => ({ role: roles[at], content }));
        const request = subject.request(capability, undefined, { messages });
        const before = opened.upstreams.requests.length;
        await opened.ask(capability, model, request);
        const sent = sentTexts(opened.upstreams.requests.slice(before)).join("\n");
        if (sent === "") throw new Skip("It sends no prompt that can be read.", { declared: true });
        const places = said.map((text) => sent.indexOf(text));
        const lost = said.filter((_, at) => places[at] === -1);
        const asked = opened.handlerOf(capability);
        expect(lost.length === 0, `Of the conversation this was not sent: ${lost.join("; ")}.`, {
          asked,
        });
        expect(
          places.slice(1).every((place, at) => place > places.slice(1)[at - 1]! || at === 0),
          "The messages were sent in another order.",
          { asked },
        );
      },
    },
    {
      id: "chat/parts",
      level: "silver",
      title: "sends all text parts of a message",
      why: "Clients split what a user says into parts: files, quotes, the question itself.",
      remedy: "Join the text of all parts (textOf does), or send each as a part.",
      async run(subject) {
        const { opened, model } = await readyFor(subject, capability);
        const texts = ["part kit-1", "part kit-2"];
        const content = texts.map((text) => ({ type: "text", text }));
        const request = subject.request(capability, undefined, {
          messages: [{ role: "user", content }],
        });
        const before = opened.upstreams.requests.length;
        await opened.ask(capability, model, request);
        const sent = sentTexts(opened.upstreams.requests.slice(before)).join("\n");
        if (sent === "") throw new Skip("It sends no prompt that can be read.", { declared: true });
        const lost = texts.filter((text) => !sent.includes(text));
        expect(lost.length === 0, `This part was not sent: ${lost.join("; ")}.`, {
          asked: opened.handlerOf(capability),
        });
      },
    },
    {
      id: "chat/images",
      level: "silver",
      title: "an image is sent, warned of or refused",
      why: "An answer to a question about an image that the model never saw is made up.",
      remedy:
        'Send it, or throw new ModelyardError("capability-not-supported", …): another target may take it.',
      async run(subject) {
        const { opened, model } = await readyFor(subject, capability);
        const content = [
          { type: "text", text: "What is this?" },
          { type: "image", data: pixel, mediaType: "image/png" },
        ];
        const request = subject.request(capability, undefined, {
          messages: [{ role: "user", content }],
        });
        const before = opened.upstreams.requests.length;
        const { answered } = await opened.tryToAsk(capability, model, request);
        if (answered === undefined || answered.warnings.length > 0) return;
        const sent = opened.upstreams.requests.slice(before);
        if (sent.length === 0 && !subject.sendsNothing)
          throw new Skip("It sends nothing that can be read.", { declared: true });
        expect(
          sent.some(({ bytes }) => bytes.includes(pixel.slice(0, 40))),
          "It answered without a warning, and the image went nowhere.",
          { asked: opened.handlerOf(capability) },
        );
      },
    },
  ];
}
