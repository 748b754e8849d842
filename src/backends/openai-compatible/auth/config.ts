import { z } from "zod";

/** A header's name, as HTTP spells one. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;
/** What a header may hold: no control character, nothing beyond Latin-1. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What the connection itself sets. */
const ownHeaders = /^(connection|content-length|expect|keep-alive|transfer-encoding|upgrade)$/i;

/** Something that goes into a header or a query. Its errors never quote it. */
const credential = z
  .string()
  .trim()
  .min(1, "Is empty; leave it out where the server asks for none.")
  .regex(headerValue, "Holds a line break, or another character that no header can carry.");

const name = z
  .string()
  .regex(headerName, "Is no name that a header or a query parameter can have.");

const command = z.union([
  z.string().trim().min(1, "Is empty."),
  z.array(z.string()).min(1, "Must name a program."),
]);

const auth = z
  .strictObject({
    /** How the server wants it. */
    type: z.enum(["none", "bearer", "header", "query", "basic"]),
    /** Of the header or the query parameter. */
    name: name.optional(),
    /** The key itself. */
    value: credential.optional(),
    /** A file that holds it, and nothing else. */
    file: z.string().min(1, "Is empty.").optional(),
    /** A command that prints it: a line for the shell, or a program and its arguments. */
    command: command.optional(),
    username: z
      .string()
      .min(1, "Is empty.")
      .regex(/^[^:]*$/, "Can't hold a colon.")
      .optional(),
    password: z.string().optional(),
  })
  .superRefine((value, context) => {
    for (const [key, message] of authProblems(value))
      context.addIssue({ code: "custom", path: [key], message });
  });

const headers = z
  .record(
    name.refine((key) => !ownHeaders.test(key), "Is set by the connection itself."),
    z.string().regex(headerValue, "Holds a character that no header can carry."),
  )
  .refine((all) => {
    const names = Object.keys(all).map((key) => key.toLowerCase());
    return new Set(names).size === names.length;
  }, "Names a header twice.");

const tls = z
  .strictObject({
    /** Authorities to trust beside the usual ones: PEM text, or the path of such a file. */
    ca: z.string().min(1, "Is empty.").optional(),
    /** Our certificate, for a server that asks for one: PEM text, or a path. */
    cert: z.string().min(1, "Is empty.").optional(),
    /** Its private key: PEM text, or a path. */
    key: z.string().min(1, "Is empty.").optional(),
  })
  .superRefine(({ cert, key }, context) => {
    const [there, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    if ((cert === undefined) !== (key === undefined))
      context.addIssue({
        code: "custom",
        path: [missing],
        message: `Missing: ${there} is of no use without it.`,
      });
  });

/** The keys of a configuration that say who we are: to be spread into a schema that is refined with {@link checkAuthentication}. */
export const authenticationFields = {
  /** Short for a bearer `auth`. */
  apiKey: credential.optional(),
  auth: auth.optional(),
  /** Sent with each request. */
  headers: headers.optional(),
  tls: tls.optional(),
};

export type Auth = z.output<typeof auth>;
export type AuthenticationConfig = z.output<z.ZodObject<typeof authenticationFields>>;
/** The files or texts of certificates. */
export type TlsConfig = z.output<typeof tls>;

/** What is wrong between these keys, for `superRefine`. */
export function checkAuthentication(
  { apiKey, auth, headers = {} }: AuthenticationConfig,
  context: z.core.$RefinementCtx,
): void {
  const say = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  if (apiKey !== undefined && auth !== undefined)
    say(["apiKey"], "Is short for a bearer auth: give one of apiKey and auth.");
  const taken = takenHeader(apiKey === undefined ? auth : { type: "bearer" });
  for (const key of Object.keys(headers))
    if (key.toLowerCase() === taken)
      say(["headers", key], `Is set by ${apiKey === undefined ? "auth" : "apiKey"} already.`);
}

/** The header that it fills, in lower case. */
function takenHeader(auth: Auth | undefined): string | undefined {
  if (auth?.type === "bearer" || auth?.type === "basic") return "authorization";
  return auth?.type === "header" ? auth.name?.toLowerCase() : undefined;
}

const sources = ["value", "file", "command"] as const;

/** What is wrong with an `auth`: key → message. */
function authProblems(auth: Auth): [keyof Auth, string][] {
  const { type } = auth;
  const given = sources.filter((source) => auth[source] !== undefined);
  const keys = {
    none: [],
    bearer: sources,
    header: ["name", ...sources],
    query: ["name", ...sources],
    basic: ["username", "password"],
  }[type] as readonly string[];
  const problems = (Object.keys(auth) as (keyof Auth)[])
    .filter((key) => key !== "type" && auth[key] !== undefined && !keys.includes(key))
    .map((key): [keyof Auth, string] => [key, `Has no meaning where type is "${type}".`]);
  if (keys.includes("name") && auth.name === undefined) {
    const what = type === "header" ? "header" : "query parameter";
    problems.push(["name", `Missing: the name of the ${what}.`]);
  }
  if (keys.includes("value") && given.length === 0)
    problems.push(["value", "Missing: give one of value, file and command."]);
  if (keys.includes("value") && given.length > 1)
    problems.push([given[1]!, `Give one of ${given.join(" and ")}.`]);
  if (type === "basic") {
    if (auth.username === undefined) problems.push(["username", "Missing."]);
    if (auth.password === undefined)
      problems.push(["password", 'Missing; give "" where there is none.']);
  }
  return problems;
}
