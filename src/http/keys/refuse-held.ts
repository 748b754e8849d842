import { ModelyardError } from "../../contract/errors.ts";
import type { Caller } from "../../gateway/api.ts";

/** What is about everybody's models is not for a key that is held to some. `what`: "see all backends". @throws ModelyardError `forbidden` */
export function refuseHeld(caller: Caller | undefined, what: string): void {
  if (caller?.models === undefined || caller.admin === true) return;
  const message = `The key ${JSON.stringify(caller.name)} is held to models, and may not ${what}.`;
  throw new ModelyardError("forbidden", message, {
    remedy: "Use a key whose entry in server.keys names no models.",
  });
}
