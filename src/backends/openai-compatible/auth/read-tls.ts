import { readFileSync } from "node:fs";
import type { Upstream } from "../../../contract/backend.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import type { TlsConfig } from "./config.ts";

/**
 * Certificates as PEM text, from the files that are named; text is taken as it is. Undefined where nothing is configured.
 * @throws `invalid-config` where a file can't be read or holds something else
 */
export function readTls(tls: TlsConfig | undefined): Upstream["tls"] {
  if (tls === undefined) return undefined;
  const { ca, cert, key } = tls;
  return {
    ...(ca === undefined ? {} : { ca: readPem("ca", ca) }),
    ...(cert === undefined ? {} : { cert: readPem("cert", cert) }),
    ...(key === undefined ? {} : { key: readPem("key", key) }),
  };
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
