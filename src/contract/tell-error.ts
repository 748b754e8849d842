import type { ErrorOptions } from "./errors.ts";

/** An error in one line of text: which backend, what happened, and what to do about it. */
export function tellError({
  message,
  remedy,
  backend,
}: Pick<ErrorOptions, "remedy" | "backend"> & { readonly message: string }): string {
  // Who words it knows the answer alone, not what the backend is called here.
  const placed =
    backend === undefined
      ? message
      : message.replace(
          /^The backend (?=answered|sent|gave|refused)/,
          () => `The backend ${JSON.stringify(backend)} `,
        );
  return remedy === undefined || remedy === "" ? placed : `${endSentence(placed)} ${remedy}`;
}

/** A sentence that another one may follow: an upstream's own words seldom end with a full stop. */
export function endSentence(text: string): string {
  return /[.!?…:]["')\]]?\s*$/.test(text) || text === "" ? text : `${text}.`;
}
