import { join } from "node:path";
import { ModelyardError } from "../contract/errors.ts";

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** True for `a/b/c` where each part is a file name on every system and none leads upwards. */
export function isSafePath(relative: string): boolean {
  return relative.split("/").every((part) => {
    const ordinary =
      part !== "" && part.length <= 200 && !/[<>:"\\|?*]/.test(part) && !/\p{Cc}/u.test(part);
    return ordinary && !/^\.+$/.test(part) && !/[. ]$/.test(part) && !reserved.test(part);
  });
}

/**
 * The path of a name below a folder.
 * @throws ModelyardError `invalid-request` for a name that could lead out of it, or is no file name on some system.
 */
export function safePath(directory: string, relative: string): string {
  if (isSafePath(relative)) return join(directory, ...relative.split("/"));
  throw new ModelyardError(
    "invalid-request",
    `${JSON.stringify(relative)} is not a name a model file can have.`,
    {
      remedy:
        "Use names of letters, digits, dots, dashes and underscores, parted by single slashes.",
    },
  );
}

/** Any file name as one that is safe everywhere. */
export function toSafeName(name: string): string {
  const plain = name.replace(/[^\w.+-]+/g, "-").replace(/^[.-]+|[. -]+$/g, "");
  return isSafePath(plain) ? plain : `model-${plain}`;
}
