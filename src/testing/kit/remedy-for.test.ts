import { expect, it } from "vitest";
import { ModelyardError } from "../../contract/errors.ts";
import { Failure, type Check } from "./check.ts";
import { withRemedyFor } from "./remedy-for.ts";

const check = (id: string): Check => ({
  id,
  level: "bronze",
  title: "lists its models",
  why: "They are chosen from.",
  remedy: "Give a list.",
  async run() {},
});
const refused = new ModelyardError("backend-unauthorized", "No.");
const away = new ModelyardError("backend-unavailable", "It is away.");

it.each([
  ["models/list", refused, /refuses the key/],
  ["errors/recovers", refused, /Give a list/],
  ["models/list", away, /Start its server/],
  ["concurrency/many", away, /Give a list/],
  ["models/list", new Failure("It lists nothing.", { remedy: "List one." }), /List one/],
  ["models/list", new TypeError("No."), /Give a list/],
])("of %s, which fails with %s, the remedy is %s", (id, error, remedy) => {
  expect(withRemedyFor(check(id), error).remedy).toMatch(remedy);
});
