import { expect, it } from "vitest";
import { ModelyardError } from "./errors.ts";
import { tellError } from "./tell-error.ts";

it.each([
  [
    "The backend answered 500: boom",
    "Try again.",
    'The backend "b" answered 500: boom. Try again.',
  ],
  ["Is it there?", "Try again.", "Is it there? Try again."],
  ["It is not there.", "Try again.", "It is not there. Try again."],
  ["The backend answered 404: no", undefined, 'The backend "b" answered 404: no'],
])("tells %s as %s", (message, remedy, told) => {
  expect(tellError(new ModelyardError("backend-error", message, { remedy, backend: "b" }))).toBe(
    told,
  );
});

it("names no backend where none is known", () => {
  expect(tellError(new ModelyardError("backend-error", "The backend answered 500: boom"))).toBe(
    "The backend answered 500: boom",
  );
});
