import fs from "node:fs/promises";
import path from "node:path";
import { ModelyardError } from "../contract/errors.ts";

/** An image as a part of a chat message. */
export interface ImagePart {
  type: "image";
  data: string;
  mediaType: string;
}

/** What the first bytes of an image file say: its name may lie. */
const signatures: readonly { mediaType: string; at: number; bytes: string }[] = [
  { mediaType: "image/png", at: 0, bytes: "\u0089PNG" },
  { mediaType: "image/jpeg", at: 0, bytes: "\u00FF\u00D8\u00FF" },
  { mediaType: "image/gif", at: 0, bytes: "GIF8" },
  { mediaType: "image/webp", at: 8, bytes: "WEBP" },
  { mediaType: "image/bmp", at: 0, bytes: "BM" },
  { mediaType: "image/tiff", at: 0, bytes: "II*\0" },
  { mediaType: "image/tiff", at: 0, bytes: "MM\0*" },
  { mediaType: "image/avif", at: 4, bytes: "ftypavif" },
  { mediaType: "image/heic", at: 4, bytes: "ftypheic" },
];

/** Reads an image file. @throws {ModelyardError} `invalid-request` where it is not there or no image. */
export async function readImage(file: string): Promise<ImagePart> {
  let data: Buffer;
  try {
    data = await fs.readFile(file);
  } catch (error) {
    throw new ModelyardError(
      "invalid-request",
      `Can't read the image ${file}: ${(error as NodeJS.ErrnoException).code}.`,
      { cause: error, remedy: "Give the path of a file that is there." },
    );
  }
  const head = data.subarray(0, 16).toString("latin1");
  const found = signatures.find(({ at, bytes }) => head.startsWith(bytes, at));
  if (found !== undefined)
    return { type: "image", data: data.toString("base64"), mediaType: found.mediaType };
  throw new ModelyardError("invalid-request", `${path.basename(file)} is not an image.`, {
    remedy: `Give one of these kinds: ${[...new Set(signatures.map((each) => each.mediaType.slice(6)))].join(", ")}.`,
  });
}
