import { z } from "zod";

/** Text that can be encoded: a string without lone surrogates. */
export const text = z.string().refine((value) => value.isWellFormed(), {
  error: "Not valid Unicode: it holds half of a surrogate pair.",
});

/** Text that says something. */
export const nonEmptyText = text.min(1, { error: "Must not be empty." });
