import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { readImage } from "./read-image.ts";

it("tells the kind of image by its bytes, not by its name", async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "modelyard-image-"));
  const file = path.join(folder, "picture.jpg");
  await fs.writeFile(file, Buffer.from("89504e470d0a1a0a", "hex"));
  expect(await readImage(file)).toEqual({
    type: "image",
    data: "iVBORw0KGgo=",
    mediaType: "image/png",
  });
  await fs.writeFile(file, "not an image");
  await expect(readImage(file)).rejects.toMatchObject({ code: "invalid-request" });
  await fs.rm(folder, { recursive: true });
  await expect(readImage(file)).rejects.toThrow(/Can't read the image .*ENOENT/);
});

it.skipIf(process.platform === "win32")("reads no further than an image can be large", async () => {
  await expect(readImage("/dev/zero")).rejects.toThrow(/larger than 20 MB/);
});
