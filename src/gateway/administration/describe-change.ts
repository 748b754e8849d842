import type { Administrator, Change } from "../api.ts";
import { fieldsOf } from "../../contract/fields-of.ts";

/** For the log: who changed what. Never what it says: that may hold a key. */
export function describeChange(change: Change, by: Administrator | undefined): string {
  const [verb, what] = change.kind.split("-", 2);
  const name = "name" in change ? change.name : fieldsOf(change.entry)["name"];
  const who = by === undefined || by === "local" ? "The local user" : `The key ${by.name}`;
  return `${who} ${verb === "set" ? "set" : "removed"} the ${what} ${JSON.stringify(name)} while it runs.`;
}
