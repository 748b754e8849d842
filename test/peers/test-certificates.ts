import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { ingredientCommand } from "./ingredient-command.ts";

export interface TestCertificates {
  /** The file of the certificate to trust. */
  authorityFile: string;
  /** A certificate for a host, made when it is first asked for. */
  contextFor(host: string): Promise<SecureContext>;
}

const newKey = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/**
 * An authority of one's own, in a folder, that certifies whatever host is asked for.
 * @throws MissingIngredient without `openssl`
 */
export async function testCertificates(folder: string): Promise<TestCertificates> {
  const openssl = (...parameters: string[]) =>
    ingredientCommand(
      "openssl",
      ["req", ...newKey, "-days", "2", ...parameters],
      "openssl could not make a certificate",
      { cwd: folder },
    );
  await openssl("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=modelyard test authority");
  const create = async (host: string) => {
    if (!/^[\w.-]+$/.test(host)) throw new Error("That is not the name of a host.");
    const [key, certificate] = [`${host}.key`, `${host}.pem`];
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key"];
    const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
    await openssl(...authority, "-keyout", key, "-out", certificate, ...subject);
    return createSecureContext({
      key: await readFile(join(folder, key)),
      cert: await readFile(join(folder, certificate)),
    });
  };
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    authorityFile: join(folder, "ca.pem"),
    contextFor(host) {
      const context = contexts.get(host) ?? create(host);
      contexts.set(host, context);
      return context;
    },
  };
}
