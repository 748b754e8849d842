import { createReadStream } from "node:fs";
import path from "node:path";
import { buffer } from "node:stream/consumers";
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

const largestBytes = 20_000_000;

/** Reads an image file of at most 20 MB. @throws {ModelyardError} `invalid-request` where it is not there, too large, or no image. */
export async function readImage(file: string): Promise<ImagePart> {
  let data: Buffer;
  try {
    // A device may never end: one byte too many is enough to know.
    data = await buffer(createReadStream(file, { end: largestBytes }));
  } catch (error) {
    throw new ModelyardError(
      "invalid-request",
      `Can't read the image ${file}: ${(error as NodeJS.ErrnoException).code}.`,
      { cause: error, remedy: "Give the path of a file that is there." },
    );
  }
  if (data.length > largestBytes) {
    throw new ModelyardError("invalid-request", `The image ${file} is larger than 20 MB.`, {
      remedy: "Give a smaller one.",
    });
  }
  const head = data.subarray(0, 16).toString("latin1");
  const found = signatures.find(({ at, bytes }) => head.startsWith(bytes, at));
  if (found !== undefined)
    return { type: "image", data: data.toString("base64"), mediaType: found.mediaType };
  throw new ModelyardError("invalid-request", `${path.basename(file)} is not an image.`, {
    remedy: `Give one of these kinds: ${[...new Set(signatures.map((each) => each.mediaType.slice(6)))].join(", ")}.`,
  });
}
