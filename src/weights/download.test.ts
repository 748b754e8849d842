import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { filesBelow, sampleGguf, sha256Of, temporaryFolder } from "./__fixtures__/sample-files.ts";
import { useFileServer } from "./__fixtures__/use-file-server.ts";
import { download, type Downloaded, type DownloadOptions } from "./download.ts";

const server = useFileServer();

const environment = { PIP_CONFIG_FILE: "/dev/null" };

function fetchFile(
  destination: string,
  options: Partial<DownloadOptions> = {},
): Promise<Downloaded> {
  return download({
    destination,
    sources: [{ kind: "https", url: `${server.url}/file` }],
    offline: false,
    environment,
    signal: new AbortController().signal,
    report: () => undefined,
    ...options,
  });
}

const body = sampleGguf(3_000_000);
const etag = '"one"';

describe("a download", () => {
  test("ends in the whole file and nothing beside it, and tells the bytes", async () => {
    server.files.set("/file", { body, headers: { etag } });
    const folder = await temporaryFolder();
    const reports: [number, number | undefined][] = [];
    const got = await fetchFile(join(folder, "a/b.gguf"), {
      report: (done, total) => reports.push([done, total]),
    });
    expect(got).toMatchObject({ sizeBytes: body.length, sha256: sha256Of(body) });
    expect(sha256Of(await readFile(join(folder, "a/b.gguf")))).toBe(sha256Of(body));
    expect(await filesBelow(folder)).toEqual(["a/b.gguf"]);
    expect(reports[0]).toEqual([0, body.length]);
    expect(reports.at(-1)).toEqual([body.length, body.length]);
  });

  test("takes up a connection that drops, without fetching a byte twice", async () => {
    server.files.set("/file", {
      body,
      headers: { etag },
      cut: { afterBytes: 1_000_000, times: 2 },
    });
    const folder = await temporaryFolder();
    await fetchFile(join(folder, "b.gguf"));
    expect(sha256Of(await readFile(join(folder, "b.gguf")))).toBe(sha256Of(body));
    expect(server.requests).toHaveLength(3);
    expect(server.requests[1]?.headers).toMatchObject({
      "if-range": etag,
      range: expect.stringMatching(/^bytes=\d+-$/) as string,
    });
    const received = server.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    expect(received).toBeLessThan(body.length * 1.1);
  });

  test("gives up on a connection that only drops, keeps what came, and goes on from there the next time", async () => {
    server.files.set("/file", {
      body,
      headers: { etag },
      cut: { afterBytes: 1_000_000, times: 1 },
    });
    const folder = await temporaryFolder();
    const stopped = new AbortController();
    const first = fetchFile(join(folder, "b.gguf"), {
      signal: stopped.signal,
      report: (done) => done > 500_000 && stopped.abort(new Error("enough")),
    });
    await expect(first).rejects.toThrow("enough");
    expect(await filesBelow(folder)).toEqual(["b.gguf.partial", "b.gguf.partial.json"]);
    const kept = (await readFile(join(folder, "b.gguf.partial"))).length;
    expect(kept).toBeGreaterThan(400_000);
    await fetchFile(join(folder, "b.gguf"));
    expect(server.requests.at(-1)?.headers.range).toBe(`bytes=${kept}-`);
    expect(sha256Of(await readFile(join(folder, "b.gguf")))).toBe(sha256Of(body));
  });

  test("begins anew where the file has changed since, or the server knows no ranges", async () => {
    const folder = await temporaryFolder();
    const begin = async (name: string): Promise<void> => {
      server.files.set("/file", { body: sampleGguf(900_000), headers: { etag: '"old"' } });
      const stopped = new AbortController();
      const half = fetchFile(join(folder, name), {
        signal: stopped.signal,
        report: (done) => done > 300_000 && stopped.abort(),
      });
      await expect(half).rejects.toMatchObject({ name: "AbortError" });
    };
    await begin("changed.gguf");
    server.files.set("/file", { body, headers: { etag } });
    await fetchFile(join(folder, "changed.gguf"));
    expect(sha256Of(await readFile(join(folder, "changed.gguf")))).toBe(sha256Of(body));
    await begin("rangeless.gguf");
    server.files.set("/file", { body, headers: { etag: '"old"' }, ranges: false });
    await fetchFile(join(folder, "rangeless.gguf"));
    expect(sha256Of(await readFile(join(folder, "rangeless.gguf")))).toBe(sha256Of(body));
  });

  test("refuses a wrong digest, deletes the file, and says both digests", async () => {
    server.files.set("/file", { body });
    const folder = await temporaryFolder();
    const expected = "0".repeat(64);
    const failure = fetchFile(join(folder, "b.gguf"), { sha256: expected });
    await expect(failure).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining(
        `sha256 is ${sha256Of(body)} where ${expected} is expected`,
      ) as string,
      remedy: expect.stringContaining("look at the sha256") as string,
    });
    expect(await filesBelow(folder)).toEqual([]);
  });

  test("that goes on from a spoilt part fetches the whole once more", async () => {
    server.files.set("/file", { body, headers: { etag } });
    const folder = await temporaryFolder();
    const path = join(folder, "b.gguf");
    await writeFile(`${path}.partial`, Buffer.alloc(1_000_000));
    await writeFile(
      `${path}.partial.json`,
      JSON.stringify({ key: `${server.url}/file`, validator: etag }),
    );
    await fetchFile(path, { sha256: sha256Of(body) });
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      "bytes=1000000-",
      undefined,
    ]);
    expect(sha256Of(await readFile(path))).toBe(sha256Of(body));
  });

  test("falls to the next source, and names each that failed", async () => {
    server.files.set("/second", { body });
    const folder = await temporaryFolder();
    const first = { kind: "https", url: `${server.url}/first?key=secret` } as const;
    const second = { kind: "https", url: `${server.url}/second` } as const;
    expect(await fetchFile(join(folder, "b.gguf"), { sources: [first, second] })).toMatchObject({
      source: second,
    });
    const none = fetchFile(join(folder, "c.gguf"), {
      sources: [first, { kind: "https", url: "http://127.0.0.1:9/x" }],
    });
    await expect(none).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringMatching(/first answers 404.*connection was refused/) as string,
    });
    await expect(none).rejects.not.toMatchObject({
      message: expect.stringMatching(/secret/) as string,
    });
  });

  test("refuses a file of another size than promised before a byte of it is written, and fetches no more of it", async () => {
    server.files.set("/file", { body, pauseMs: 5 });
    const folder = await temporaryFolder();
    const failure = fetchFile(join(folder, "b.gguf"), {
      sources: [{ kind: "https", url: `${server.url}/file`, sizeBytes: 7 }],
    });
    await expect(failure).rejects.toThrow(`it is ${body.length} bytes where 7 are expected`);
    expect(existsSync(join(folder, "b.gguf"))).toBe(false);
    await sleep(300);
    expect(server.requests[0]?.sentBytes).toBeLessThan(body.length / 2);
  });
});

describe("the disk", () => {
  test("is looked at first", async () => {
    // A size that the server only announces.
    server.files.set("/file", { body, headers: { "x-linked-size": String(2e18) } });
    const folder = await temporaryFolder();
    await expect(fetchFile(join(folder, "b.gguf"))).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringContaining("2000000.0 TB are needed") as string,
      details: { neededBytes: 2e18, freeBytes: expect.any(Number) as number },
    });
    expect(await filesBelow(folder)).toEqual([]);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "that fills up is a storage failure with a remedy (needs /dev/full)",
    async () => {
      server.files.set("/file", { body });
      const folder = await temporaryFolder();
      await symlink("/dev/full", join(folder, "b.gguf.partial"));
      await expect(fetchFile(join(folder, "b.gguf"))).rejects.toMatchObject({
        code: "storage-failed",
        remedy: expect.stringMatching(/disk is full/) as string,
      });
      expect(existsSync(join(folder, "b.gguf"))).toBe(false);
    },
  );

  test("with a file where a folder is needed is a storage failure with a remedy", async () => {
    server.files.set("/file", { body });
    const folder = await temporaryFolder();
    await writeFile(join(folder, "in-the-way"), "");
    const failure = fetchFile(join(folder, "in-the-way/b.gguf"));
    await expect(failure).rejects.toMatchObject({
      code: "storage-failed",
      remedy: expect.stringMatching(/file stands where a folder/) as string,
    });
  });

  test.skipIf(process.getuid?.() === 0)(
    "that is read-only is a storage failure with a remedy (root may write anywhere)",
    async () => {
      server.files.set("/file", { body });
      const folder = await temporaryFolder();
      await mkdir(join(folder, "locked"), { mode: 0o500 });
      const failure = fetchFile(join(folder, "locked/b.gguf"));
      await expect(failure).rejects.toMatchObject({
        code: "storage-failed",
        remedy: expect.stringMatching(/can't be written by this user/) as string,
      });
    },
  );
});

test("offline fetches nothing, and says so", async () => {
  const folder = await temporaryFolder();
  await expect(fetchFile(join(folder, "b.gguf"), { offline: true })).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringMatching(/offline/) as string,
  });
  expect(server.requests).toEqual([]);
});
