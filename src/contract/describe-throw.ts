import { describeUnforeseen } from "./describe-unforeseen.ts";
import { messageOfThrown } from "./message-of-thrown.ts";
import { endSentence } from "./tell-error.ts";

/** A function of a definition that threw: ``Its `upstream` throws an Error at /acme.ts:7:11: no url.`` The message may hold a secret. */
export function describeThrow(part: string, thrown: unknown): string {
  const what = describeUnforeseen(thrown);
  const message = messageOfThrown(thrown);
  const kind = what === undefined ? "" : ` ${what}`;
  return endSentence(`Its \`${part}\` throws${kind}${message === undefined ? "" : `: ${message}`}`);
}
