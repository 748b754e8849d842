import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineBackend } from "./backend.ts";
import { chat } from "./capabilities/chat.ts";
import { defineCapability } from "./capability.ts";
import { readExports } from "./read-exports.ts";

const acme = defineBackend({
  type: "acme",
  config: z.strictObject({}),
  create: () => ({ capabilities: {} }),
});

const shout = defineCapability({
  name: "shout",
  description: "Say it louder.",
  names: { tool: "shout", route: "/v1/shout", verb: "shout" },
  request: z.strictObject({ input: z.string() }),
  output: z.object({ text: z.string() }),
  result: z.object({ text: z.string() }),
  text: { input: "input", ofResult: ({ text }) => text },
  collect: (output) => output,
});

function refuse(): never {
  throw new Error("refused");
}

const hostile = new Proxy(acme, { get: refuse });

class Acme {
  readonly type = "acme";
}

/** A capability that is right but for this. */
const shoutWith = (change: object) => ({ default: { ...shout, ...change } });
const acmeWith = (change: object) => ({ default: { ...acme, ...change } });

describe("readExports", () => {
  it.each<[string, object, object]>([
    ["a backend", { default: acme }, { definitions: [acme], capabilities: [] }],
    ["a capability", { default: shout }, { definitions: [], capabilities: [shout] }],
    ["one of ours", { default: chat }, { definitions: [], capabilities: [chat] }],
    ["both", { default: [shout, acme] }, { definitions: [acme], capabilities: [shout] }],
    [
      "what a compiler made for CommonJS",
      { default: { __esModule: true, default: acme } },
      { definitions: [acme], capabilities: [] },
    ],
  ])("reads %s", (_what, module, expected) => {
    expect(readExports(module)).toEqual(expected);
  });

  it.each<[string, object, RegExp, RegExp]>([
    ["nothing", {}, /^It has no default export\.$/, /defineBackend/],
    [
      "another name",
      { acme, "module.exports": {} },
      /no default export, it exports acme alone\.$/,
      /export default/,
    ],
    ["an empty list", { default: [] }, /is an empty list/, /defineBackend/],
    ["a text", { default: "acme" }, /is a text\.$/, /defineBackend/],
    ["null", { default: null }, /is null\.$/, /defineBackend/],
    ["a promise", { default: Promise.resolve(acme) }, /is a promise\.$/, /defineBackend/],
    ["a class", { default: Acme }, /is a class\.$/, /fromClass/],
    ["a function", { default: () => acme }, /is a function\.$/, /not a function/],
    ["an object", { default: { acme } }, /is an object that is neither/, /defineBackend/],
    ["a list in a list", { default: [[acme]] }, /Entry 1 .* is a list\.$/, /defineBackend/],
    [
      "what defineBackend has not made",
      { default: { type: "acme", create: acme.create } },
      /does not come from defineBackend/,
      /defineBackend/,
    ],
    [
      "a contract from the future",
      acmeWith({ contract: 2 }),
      /The backend "acme" is written for contract 2; .* knows contract 1/,
      /npm install modelyard@latest/,
    ],
    ["no type", acmeWith({ type: undefined }), /a backend without a type/, /type: "acme"/],
    ["a slash", acmeWith({ type: "a/b" }), /"a\/b" has a type that holds a slash/, /one word/],
    ["a type of every object", acmeWith({ type: "__proto__" }), /every object/, /otherwise/],
    ["a file that is empty", { default: {}, "module.exports": {} }, /no default export\.$/, /./],
    ["no create", acmeWith({ create: {} }), /"acme" has no function `create`/, /create:/],
    [
      "handlers outside",
      acmeWith({ capabilities: { chat() {} } }),
      /no list of names/,
      /what `create` gives/,
    ],
    [
      "a schema that is none",
      acmeWith({ config: { key: "string" } }),
      /`config` is no schema/,
      /z/,
    ],
    [
      "a schema without its JSON Schema",
      acmeWith({ config: { "~standard": { validate() {} } } }),
      /can't give its JSON Schema/,
      /zod 4\.2/,
    ],
    [
      "a schema that JSON Schema has no words for",
      acmeWith({ config: z.object({ at: z.date() }) }),
      /`config` is a schema that has no JSON Schema: .*\.$/,
      /plain JSON/,
    ],
    [
      "a schema that throws",
      acmeWith({ config: z.object({}).transform(refuse) }),
      /`config` can't judge a configuration: refused\.$/,
      /addIssue/,
    ],
    ["a schema of a text", acmeWith({ config: z.string() }), /takes no object/, /strictObject/],
    [
      "a schema that takes its time",
      acmeWith({ config: z.object({}).refine(async () => true) }),
      /it is asynchronous/,
      /`initialize`/,
    ],
    ["a field misspelt", acmeWith({ capabilites: [] }), /`capabilites`, which/, /`capabilities`\?/],
    [
      "a method outside",
      acmeWith({ healthcheck() {} }),
      /`healthcheck`, which/,
      /`healthCheck` in/,
    ],
    [
      "a word of its own for sends",
      acmeWith({ sends: "nothin" }),
      /`sends` .*: "nothin"/,
      /by-itself/,
    ],
    [
      "an upstream that is no function",
      acmeWith({ upstream: {} }),
      /`upstream` .*: an object/,
      /=>/,
    ],
    ["ports alone", acmeWith({ discover: [{ ports: [1] }] }), /`discover`/, /recognise/],
    ["a description that is none", acmeWith({ description: 5 }), /`description`/, /leave it out/],
    ["a default that is none", acmeWith({ defaults: { chat: 5 } }), /`defaults`/, /chat/],
    ["an ability misspelt", acmeWith({ capabilities: ["chta"] }), /"chta", which/, /"chat"\?/],
    ["what can't be read", { default: hostile }, /can't be read: refused\.$/, /plain values/],
    [
      "a capability's field misspelt",
      shoutWith({ derives: [] }),
      /"shout" has `derives`/,
      /`derive`\?/,
    ],
    ["no name", shoutWith({ name: "" }), /neither the type .* nor the name/, /defineCapability/],
    ["a name of every object", shoutWith({ name: "constructor" }), /every object/, /otherwise/],
    ["no names", shoutWith({ names: undefined }), /no right `names`/, /route: "\/v1\/shout"/],
    [
      "a route that is none",
      shoutWith({ names: { ...shout.names, route: "shout" } }),
      /no right `names`/,
      /route/,
    ],
    ["no collect", shoutWith({ collect: undefined }), /no function `collect`/, /=> output/],
    ["no text", shoutWith({ text: {} }), /no right `text`/, /ofResult/],
    ["no request", shoutWith({ request: undefined }), /`request` is no schema/, /request: z/],
    ["no output", shoutWith({ output: undefined }), /`output` is no schema/, /output: z/],
    [
      "two of one type",
      { default: [acme, { ...acme }] },
      /exports the backend "acme" twice/,
      /a type of its own/,
    ],
    ["two of one name", { default: [shout, shout] }, /the capability "shout" twice/, /name/],
  ])("says what is wrong with %s", (_what, module, problem, remedy) => {
    const found = readExports(module);
    expect(found.problem).toMatch(problem);
    expect(found).toHaveProperty("remedy", expect.stringMatching(remedy));
  });
});
