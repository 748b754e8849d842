import { inspect } from "node:util";
import { isModelyardError, ModelyardError } from "../errors.ts";

/** What a backend's requests carry to prove who it is: to be blotted out wherever an upstream repeats it. */
export interface Secrets {
  /** Learns the secrets of a request from its headers and its URL. */
  learn(url: URL, headers: Readonly<Record<string, string>>): void;
  /** Learns one that the backend knows of. */
  add(value: string): void;
  redact(text: string): string;
  /** The same error where it holds none of them; else one without them in its message, remedy, details and stack, and without its cause. */
  redactError<Thrown>(error: Thrown): Thrown;
}

const secretName = /authorization|cookie|key|passw|secret|signature|token/i;
/** Anything shorter may stand in any text by chance. */
const shortest = 6;
/** A token that is refreshed again and again must not fill the memory. */
const most = 32;

export function createSecrets(): Secrets {
  const known = new Set<string>();

  function add(value: string): void {
    // `Bearer …`, `Basic …`: the scheme is no secret.
    const bare = value.replace(/^\w+ +/, "");
    for (const each of [bare, encodeURIComponent(bare), ...decodedBasic(value)]) {
      if (each.length < shortest || known.has(each)) continue;
      known.add(each);
      if (known.size > most) known.delete(known.values().next().value ?? "");
    }
  }

  function redact(text: string): string {
    let redacted = text;
    for (const secret of known) redacted = redacted.replaceAll(secret, "***");
    return redacted;
  }

  return {
    learn(url, headers) {
      for (const name in headers) if (secretName.test(name)) add(headers[name] ?? "");
      if (url.search !== "")
        for (const [name, value] of url.searchParams) if (secretName.test(name)) add(value);
      if (url.password !== "") add(decodeURIComponent(url.password));
    },
    add,
    redact,
    redactError(error) {
      if (!(error instanceof Error) || known.size === 0) return error;
      const whole = inspect(error);
      if (redact(whole) === whole) return error;
      const clean = isModelyardError(error)
        ? ModelyardError.fromJSON(JSON.parse(redact(JSON.stringify(error))))
        : new Error(redact(error.message));
      clean.stack = redact(error.stack ?? "");
      return clean as typeof error;
    },
  };
}

/** The password of `Basic dXNlcjpwYXNz`. */
function decodedBasic(value: string): string[] {
  const [, encoded] = /^basic +(\S+)$/i.exec(value) ?? [];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, "base64").toString();
  return [pair.slice(pair.indexOf(":") + 1)];
}
