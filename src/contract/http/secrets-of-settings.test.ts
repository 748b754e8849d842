import { expect, it } from "vitest";
import { secretsOfSettings } from "./secrets-of-settings.ts";

it("finds what a key's name calls a secret, at any depth, and nothing else", () => {
  const found = secretsOfSettings({
    apiKey: "secret-1",
    auth: { type: "basic", username: "someone", password: "secret-2" },
    accounts: [{ access_token: "secret-3" }, null],
    tls: { key: "/certificates/key.pem" },
    tokenizer: "cl100k_base",
    keyboard: "qwerty-long",
    token: "short",
    maxTokens: 123_456,
  });
  expect(found).toEqual(["secret-1", "secret-2", "secret-3"]);
});
