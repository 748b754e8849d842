import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFileServer } from "../__fixtures__/file-server.ts";
import { filesBelow, sampleGguf, sha256Of, temporaryFolder } from "../__fixtures__/sample-files.ts";
import { useFileServer } from "../__fixtures__/use-file-server.ts";
import { download, type Downloaded } from "../download.ts";

const server = useFileServer();

const body = sampleGguf(200_000);
const page = "/owner/repo/resolve/main/x.gguf";
const token = "hf_never-to-be-seen";

async function fetchFromHub(
  folder: string,
  more: Record<string, string> = {},
): Promise<Downloaded> {
  return download({
    destination: join(folder, "x.gguf"),
    sources: [{ kind: "hub", repository: "owner/repo", revision: "main", file: "x.gguf" }],
    offline: false,
    environment: { HF_ENDPOINT: `${server.url}/`, ...more },
    signal: new AbortController().signal,
    report: () => undefined,
  });
}

test("holds a file to what the hub announces, and notes the commit", async () => {
  const linked = {
    "x-linked-etag": `"${sha256Of(body)}"`,
    "x-linked-size": String(body.length),
    "x-repo-commit": "c0ffee",
  };
  server.files.set(page, { redirect: "/store/x", headers: linked });
  server.files.set("/store/x", { body });
  const folder = await temporaryFolder();
  expect(await fetchFromHub(folder)).toMatchObject({ sha256: sha256Of(body), revision: "c0ffee" });
  const other = sampleGguf(body.length);
  server.files.set("/store/x", { body: other });
  const second = await temporaryFolder();
  await expect(fetchFromHub(second)).rejects.toThrow(
    `sha256 is ${sha256Of(other)} where ${sha256Of(body)} is expected`,
  );
  expect(await filesBelow(second)).toEqual([]);
});

test("sends its token to the hub, never to another host", async () => {
  server.files.set(page, { redirect: `${server.otherUrl}/store/x` });
  server.files.set("/store/x", { body });
  const folder = await temporaryFolder();
  await fetchFromHub(folder, { HF_TOKEN: token });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${token}`,
    undefined,
  ]);
  expect((await readFile(join(folder, "x.gguf"))).equals(body)).toBe(true);
});

test("says of a gated model which page and which variable, and never the token", async () => {
  server.files.set(page, { status: 401, headers: { "x-error-code": "GatedRepo" }, body: "no" });
  const folder = await temporaryFolder();
  const gated = fetchFromHub(folder);
  await expect(gated).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringContaining(
      `${server.url}/owner/repo is gated; HF_TOKEN is not set`,
    ) as string,
    remedy: expect.stringContaining(`Ask for access at ${server.url}/owner/repo`) as string,
  });
  server.files.set(page, { status: 403, headers: { "x-error-code": "GatedRepo" } });
  const refused = await fetchFromHub(folder, { HF_TOKEN: token }).catch((error: unknown) => error);
  expect(String(refused)).toContain("its account has no access");
  expect(JSON.stringify(refused)).not.toContain(token);
});

test("says what a repository does not have", async () => {
  await expect(fetchFromHub(await temporaryFolder())).rejects.toThrow(
    "has no x.gguf at revision main",
  );
});

test("goes through the proxy that the environment names", async () => {
  server.files.set(page, { body });
  const proxy = await startFileServer();
  const failure = fetchFromHub(await temporaryFolder(), { http_proxy: proxy.url });
  // The sample server is no proxy and ends the tunnel; that it was asked is what counts.
  await expect(failure).rejects.toMatchObject({ code: "download-failed" });
  expect(server.requests).toEqual([]);
  await fetchFromHub(await temporaryFolder(), { http_proxy: proxy.url, no_proxy: "127.0.0.1" });
  expect(server.requests).toHaveLength(1);
  await proxy.close();
});
