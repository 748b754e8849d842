import { createHash } from "node:crypto";

/**
 * What is kept and compared of a caller's key. One SHA-256 is right for it: a key of `modelyard keys new` holds 256 random bits, so
 * there is nothing that guessing, however fast, could find; a slow hash, made for passwords, would be paid with every request.
 */
export function digestOfKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** A digest as a configuration holds it: `sha256:` and its 64 hexadecimal digits. */
export function writeKeyDigest(digest: Buffer): string {
  return `sha256:${digest.toString("hex")}`;
}

/** The form of a written digest. */
export const writtenKeyDigest = /^sha256:([\da-f]{64})$/i;

/** The digest that stands in a configuration, as bytes. */
export function readKeyDigest(written: string): Buffer {
  return Buffer.from(writtenKeyDigest.exec(written)?.[1] ?? "", "hex");
}
