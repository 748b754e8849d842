import { InvalidArgumentError } from "commander";

/** A word that can be a type in a configuration, a file's name and a part of a package's name. */
const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;

/** @throws InvalidArgumentError with the nearest name that would do */
export function parseBackendName(given: string): string {
  if (pattern.test(given) && given.length <= longest) return given;
  const near = given
    .replace(/^modelyard-backend-/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "")
    .slice(0, longest)
    .replace(/-$/, "");
  throw new InvalidArgumentError(
    `A name is small letters, digits and single hyphens, at most ${longest} of them, and begins with a letter.${
      near === "" ? "" : ` Take ${near}.`
    }`,
  );
}
