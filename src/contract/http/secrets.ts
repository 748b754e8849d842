import { decodePercent } from "../decode-percent.ts";
import { redactThrown } from "./redact-thrown.ts";

/** What a backend's requests carry to prove who it is: to be blotted out wherever an upstream repeats it. */
export interface Secrets {
  /** Learns the secrets of a request, as far as names tell, from its headers and its URL. */
  learn(url: URL, headers: Readonly<Record<string, string>>): void;
  /** Learns one that the backend knows of, whatever it is called. */
  add(value: string): void;
  redact(text: string): string;
  /** The same error where it holds none of them; else one without them in its message, remedy, details and stack, and without its cause. */
  redactError<Thrown>(error: Thrown): Thrown;
}

/** `code` and `sig` are what functions and storage in the cloud call theirs. */
const secretName = /authorization|cookie|key|passw|secret|signature|token|\b(code|sig)\b/i;
/** Anything shorter may stand in any text by chance: it is blotted out only where it is a word. */
const shortest = 6;
/** Not even as a word. */
const shortestWord = 3;
/** What is shorter is not looked for in base64. */
const shortestEncoded = 8;
/** How much of the beginning of a secret is blotted out where a text was cut in its midst. */
const shortestBeginning = 6;
/** A token that is refreshed again and again must not fill the memory. */
const most = 32;
/** What people write where a server asks for no key: blotted out, it would take its name from a backend. */
const placeholders =
  /^(dummy|empty|false|llama-?cpp|lm-?studio|local|localai|n\/a|no-?key|none|not-?needed|null|ollama|openai|sk-no-key-required|true|undefined|unused|vllm|x+)$/i;

/** `onLearned` hears of each that was not known. */
export function createSecrets(onLearned?: (value: string) => void): Secrets {
  /** Secret → the forms in which it may stand in a text, once any text was looked through; the latest last. */
  const known = new Map<string, readonly string[] | undefined>();
  /** All forms, the longest first: one may be a part of another. Undefined where a secret has come since. */
  let sorted: readonly string[] | undefined = [];

  function add(given: string): void {
    // Who repeats a token leaves its scheme behind.
    const value = given.trim().replace(/^(basic|bearer) +/i, "");
    if (value.length < shortestWord || placeholders.test(value)) return;
    const found = known.get(value);
    const isKnown = known.has(value);
    // The latest is the last to be forgotten.
    known.delete(value);
    known.set(value, found);
    if (isKnown) return;
    onLearned?.(value);
    if (known.size > most) known.delete(known.keys().next().value ?? "");
    sorted = undefined;
  }

  function sortForms(): readonly string[] {
    const all = new Set<string>();
    for (const [value, found] of known) {
      const forms = found ?? formsOf(value);
      known.set(value, forms);
      for (const form of forms) all.add(form);
    }
    return [...all].toSorted((a, b) => b.length - a.length);
  }

  function addLong(value: string): void {
    if (value.length >= shortest) add(value);
  }

  function redact(text: string): string {
    const forms = (sorted ??= sortForms());
    let redacted = text;
    for (const form of forms) {
      if (form.length >= shortest) redacted = redacted.replaceAll(form, "***");
      else if (redacted.includes(form)) redacted = redacted.replace(wordOf(form), "***");
    }
    return forms.reduce(redactBeginnings, redacted);
  }

  return {
    learn(url, headers) {
      for (const name in headers)
        if (secretName.test(name)) for (const each of partsOf(headers[name] ?? "")) addLong(each);
      if (url.search !== "")
        for (const [name, value] of url.searchParams) if (secretName.test(name)) addLong(value);
      // Where there is no password, who is named is the key.
      const { username, password } = url;
      if (password !== "" || username !== "")
        addLong(decodePercent(password === "" ? username : password));
    },
    add,
    redact,
    redactError: (error) => (known.size === 0 ? error : redactThrown(error, redact)),
  };
}

/** How others write it: in a URL, a form, JSON, a page. */
function formsOf(value: string): string[] {
  return [
    value,
    encodeURIComponent(value),
    new URLSearchParams([["", value]]).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    ...(value.length < shortestEncoded ? [] : encoded(value)),
  ];
}

/** In base64, its two alphabets, without the padding that not all write. */
function encoded(value: string): string[] {
  const bytes = Buffer.from(value);
  return [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")];
}

/** What of a header's value is secret: all of it, what follows a scheme (`Bearer …`), the values of cookies, the password of a basic pair. */
function partsOf(value: string): string[] {
  const bare = value.replace(/^\w+ +/, "");
  const cookies = [...value.matchAll(/(?:^|; *)[^=;\s]+=([^;]+)/g)].map(([, each = ""]) => each);
  const [, credentials = ""] = /^basic +(\S+)$/i.exec(value) ?? [];
  const pair = Buffer.from(credentials, "base64").toString();
  return [bare, ...cookies, pair.slice(pair.indexOf(":") + 1)];
}

function wordOf(form: string): RegExp {
  return new RegExp(`(?<![\\w-])${escaped(form)}(?![\\w-])`, "g");
}

/** Who quotes an answer cuts it somewhere: what is left of a secret there goes too. */
function redactBeginnings(text: string, form: string): string {
  const start = form.slice(0, shortestBeginning);
  if (form.length <= shortestBeginning || !text.includes(start)) return text;
  const upToCut = new RegExp(`${escaped(start)}[^\\n…"'\`]*(?=[\\n…"'\`]|$)`, "g");
  return text.replace(upToCut, (rest) => {
    const at = lastBeginning(rest, form);
    return at === undefined ? rest : `${rest.slice(0, at)}***`;
  });
}

/** Where the beginning of `form` starts that `text` ends with. */
function lastBeginning(text: string, form: string): number | undefined {
  const from = Math.max(0, text.length - form.length);
  for (let at = from; at <= text.length - shortestBeginning; at += 1)
    if (form.startsWith(text.slice(at))) return at;
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[^\w]/g, "\\$&");
}
