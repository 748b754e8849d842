import { expect, it } from "vitest";
import { fromStoredName, repositoryOf, revisionOf, toStoredName } from "./model-name.ts";

it.each<[string, string | undefined, string]>([
  ["owner/name", undefined, "owner/name"],
  ["owner/name", "v1.0", "owner/name@v1.0"],
  ["hf:owner/name", "refs/pr/7", "owner/name@refs%2Fpr%2F7"],
  ["owner/name@v2", "v1.0", "owner/name@v2"],
  ["all-minilm-l6-v2", "v1.0", "all-minilm-l6-v2"],
  ["local/name", "v1.0", "local/name"],
  ["./owner/name", "v1.0", "./owner/name"],
])("keeps %s, with the revision %s configured, as %s", (name, revision, stored) => {
  expect(toStoredName(name, revision)).toBe(stored);
});

it("leaves out the revision that goes without saying, and no other", () => {
  expect(fromStoredName("owner/name@refs%2Fpr%2F7", "refs/pr/7")).toBe("owner/name");
  expect(fromStoredName("owner/name@v2", "v1.0")).toBe("owner/name@v2");
  expect(fromStoredName("owner/name@v2", undefined)).toBe("owner/name@v2");
  expect(repositoryOf("owner/name@v2")).toBe("owner/name");
  expect(repositoryOf("local/a@b")).toBe("local/a");
  expect(repositoryOf("owner/name")).toBe("owner/name");
});

it("reads the revision that a name says", () => {
  expect(revisionOf("owner/name@refs%2Fpr%2F7")).toBe("refs/pr/7");
  expect(revisionOf("owner/name@100%")).toBe("100%");
  expect(revisionOf("owner/name")).toBeUndefined();
});
