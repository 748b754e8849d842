import { ModelyardError } from "../../../contract/errors.ts";
import { parseToken, type Token } from "./parse-token.ts";

/**
 * A token that can be sent, from what `origin` gave, which no error quotes.
 * @throws `backend-unauthorized` where it gave none
 */
export function toKnownToken(text: string, origin: string, remedy: string): Token {
  const token = parseToken(text);
  const fail = (problem: string) =>
    new ModelyardError("backend-unauthorized", `${origin} ${problem}.`, { remedy });
  if (text.trim() === "") throw fail("gives nothing");
  if (token === undefined) throw fail("gives JSON that holds no token");
  if (/[\r\n]/.test(token.value)) throw fail("gives more than one line");
  if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(token.value))
    throw fail("gives characters that no header can carry");
  return token;
}
