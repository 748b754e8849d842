import { randomBytes } from "node:crypto";
import { InvalidArgumentError } from "commander";
import { digestOfKey, writeKeyDigest } from "../../contract/key-digest.ts";
import type { Define } from "../program.ts";

/** `modelyard keys new`: the one place where a key is ever shown; it is stored nowhere. */
export const defineKeys: Define = (command, run) => {
  command
    .command("new")
    .description("Make a key for a caller of the server, and the entry that lets it in.")
    .argument("<name>", "what the caller is called in the configuration and in logs", parseKeyName)
    .action(
      run(async (context, name: string) => {
        // Its beginning tells those who search for secrets in files what it is.
        const key = `modelyard_${randomBytes(32).toString("base64url")}`;
        const entry = { name, hash: writeKeyDigest(digestOfKey(key)) };
        context.note("The key is shown this once. Its entry goes into server.keys:");
        await context.print({ key, entry }, () => `${key}\n${JSON.stringify(entry)}`);
      }),
    );
};

function parseKeyName(given: string): string {
  if (given.trim() !== "") return given;
  throw new InvalidArgumentError("The name is empty.");
}
