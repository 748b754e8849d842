import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeIssues } from "../../../contract/describe-issues.ts";
import { toJsonSchema } from "../../../contract/schema.ts";
import { authenticationFields, checkAuthentication } from "./config.ts";

const schema = z.strictObject(authenticationFields).superRefine(checkAuthentication);

/** What a person is told: path and message. */
function problemsOf(value: unknown): string[] {
  const { error } = schema.safeParse(value);
  const issues = error?.issues ?? [];
  return describeIssues(issues, value, toJsonSchema(schema, "input")).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

describe("the keys of authentication", () => {
  it.each([
    {},
    { apiKey: "sk-123456" },
    { auth: { type: "none" } },
    { auth: { type: "bearer", file: "token" } },
    { auth: { type: "bearer", command: "gcloud auth print-access-token" } },
    { auth: { type: "header", name: "api-key", command: ["az", "account", "get-access-token"] } },
    { auth: { type: "query", name: "key", value: "123456" } },
    { auth: { type: "basic", username: "me", password: "" } },
    { apiKey: "a", headers: { "x-company": "b", "x-project": "" }, tls: { ca: "ca.pem" } },
  ])("take %j", (value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it("trim what a variable brought along", () => {
    expect(schema.parse({ apiKey: "sk-123456\n" }).apiKey).toBe("sk-123456");
  });

  it.each([
    [{ apiKey: "a", auth: { type: "none" } }, "apiKey: Is short for a bearer auth: give one of"],
    [{ apiKey: "" }, "apiKey: Is empty; leave it out"],
    [{ apiKey: "a\nb" }, "apiKey: Holds a line break"],
    [{ auth: { type: "bearer" } }, "auth.value: Missing: give one of value, file and command."],
    [{ auth: { type: "bearer", value: "a", file: "b" } }, "auth.file: Give one of value and file."],
    [{ auth: { type: "header", value: "a" } }, "auth.name: Missing: the name of the header."],
    [{ auth: { type: "query", value: "a" } }, "auth.name: Missing: the name of the query param"],
    [
      { auth: { type: "bearer", name: "x", value: "a" } },
      'auth.name: Has no meaning where type is "bearer".',
    ],
    [{ auth: { type: "header", name: "a b", value: "a" } }, "auth.name: Is no name"],
    [{ auth: { type: "basic", username: "me" } }, "auth.password: Missing"],
    [{ auth: { type: "basic", password: "me" } }, "auth.username: Missing"],
    [{ auth: { type: "basic", username: "a:b", password: "" } }, "auth.username: Can't hold a"],
    [{ auth: { type: "digest" } }, "auth.type: Expected one of"],
    [{ auth: { type: "none", vlaue: "a" } }, "auth.vlaue: Unknown key. Did you mean"],
    [{ auth: { type: "bearer", command: [] } }, "auth.command: Must name a program."],
    [{ headers: { "content-length": "1" } }, "headers.content-length: Is set by the connection"],
    [{ headers: { a: "1", A: "2" } }, "headers: Names a header twice."],
    [{ apiKey: "a", headers: { Authorization: "b" } }, "headers.Authorization: Is set by apiKey"],
    [{ tls: { cert: "a.pem" } }, "tls.key: Missing: cert is of no use without it."],
    [{ tls: { key: "a.pem" } }, "tls.cert: Missing: key is of no use without it."],
  ])("refuse %j", (value, said) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(said)]);
  });

  it("are not repeated where they are wrong", () => {
    const secret = 1234567890123;
    const values = [
      { apiKey: secret },
      { apiKey: `${secret}\n${secret}` },
      { auth: `${secret}` },
      { auth: { type: "bearer", value: secret } },
      { auth: { type: "basic", username: "a", password: secret } },
      { headers: { "x-key": secret } },
      { tls: { cert: "a", key: secret } },
    ];
    const said = values.map(problemsOf);
    expect(said.every((problems) => problems.length > 0)).toBe(true);
    expect(JSON.stringify(said)).not.toContain(String(secret));
  });
});
