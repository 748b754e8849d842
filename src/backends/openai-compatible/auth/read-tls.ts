import { readFileSync } from "node:fs";
import type { Upstream } from "../../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";
import type { TlsConfig } from "./config.ts";

/**
 * Certificates as PEM text, from the files that are named; text is taken as it is. A file is read when its text is first asked for,
 * which is with the first connection.
 * @throws `invalid-config`, when it is read, where a file can't be read or holds something else
 */
export function readTls({ ca, cert, key }: TlsConfig = {}): Upstream["tls"] {
  if (ca === undefined && cert === undefined) return undefined;
  const tls: Upstream["tls"] = {};
  const define = (name: string, get: () => string) =>
    Object.defineProperty(tls, name, { enumerable: true, get });
  if (ca !== undefined) define("ca", () => readPem("ca", ca));
  if (cert !== undefined) define("cert", () => readPem("cert", cert));
  if (key !== undefined) define("key", () => checkPair(readPem("key", key), cert));
  return tls;
}

const pem = /-----BEGIN [A-Z0-9 ]+-----/;

function readPem(key: string, source: string): string {
  if (pem.test(source)) return source;
  const text = readText(key, source);
  if (pem.test(text)) return text;
  throw new ModelyardError("invalid-config", `tls.${key}: ${named(source)} is no PEM file.`, {
    remedy: `Name a file that holds "-----BEGIN …-----"; openssl puts others into this form.`,
  });
}

/** @throws `invalid-config` where the key is not the certificate's, or is locked with a passphrase */
function checkPair(key: string, cert: string | undefined): string {
  if (cert === undefined) return key;
  try {
    // Not imported: few have a certificate, and the module is large.
    const { createSecureContext } = process.getBuiltinModule("node:tls");
    createSecureContext({ key, cert: readPem("cert", cert) });
    return key;
  } catch (error) {
    if (isModelyardError(error)) throw error;
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new ModelyardError("invalid-config", `tls.key does not go with tls.cert (${code}).`, {
      remedy: "Name the certificate's own private key, without a passphrase.",
    });
  }
}

function readText(key: string, source: string): string {
  try {
    return readFileSync(source, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    const problem = code === "ENOENT" ? "does not exist" : `can't be read (${code})`;
    throw new ModelyardError("invalid-config", `tls.${key}: ${named(source)} ${problem}.`, {
      remedy: "Check the path; one that is relative begins where Modelyard was started.",
    });
  }
}

/** What stands where a path should may be the key itself, without its first line. */
function named(source: string): string {
  return source.length > 300 || /[\r\n]/.test(source) ? "what is given" : source;
}
