import { ModelyardError } from "../../contract/errors.ts";
import type { Administrator } from "../api.ts";
import type { Configuration } from "../configuration.ts";

/** Who may change what runs: where `server.admin` is on, the local user, and who has a key that says so. @throws ModelyardError `forbidden` saying what to set */
export function checkAdministrator(
  by: Administrator | undefined,
  { server }: Pick<Configuration, "server">,
): void {
  if (!server.admin) {
    throw new ModelyardError("forbidden", "Nothing may be changed from here while it runs.", {
      remedy: 'Set "admin": true under server in the configuration, or change its file.',
    });
  }
  if (by === "local" || by?.admin === true) return;
  const who = by === undefined ? "No key was given" : `The key ${JSON.stringify(by.name)} may not`;
  throw new ModelyardError(
    "forbidden",
    by === undefined ? `${who}: a change needs one.` : `${who} change what runs.`,
    { remedy: 'Use a key whose entry in server.keys says "admin": true.' },
  );
}
