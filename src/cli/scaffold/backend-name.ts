import { InvalidArgumentError } from "commander";

/** A word that can be a type in a configuration, a file's name and a part of a package's name. */
const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;
/** What a package's name has in front of it, and its scope: a backend's own name has neither. */
const inFront = /^(@[^/]*\/)?(modelyard-backend-)?/;

/** The backend's name: `acme`, of `modelyard-backend-acme` too. @throws InvalidArgumentError with the nearest name that would do */
export function parseBackendName(given: string): string {
  const name = given.replace(/^modelyard-backend-/, "");
  if (pattern.test(name) && name.length <= longest) return name;
  const near = given
    .replace(inFront, "")
    .normalize("NFD")
    .replaceAll(/\p{Mark}/gu, "")
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
