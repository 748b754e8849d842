import { invalidField, readList, readObject, readText } from "../../invalid-field.ts";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
export interface ImagePart {
  readonly type: "image";
  readonly data: string;
  readonly mediaType: string;
}

/** A message's content as parts: texts, and images where they are allowed. @throws ModelyardError `invalid-request` */
export function fromContent(
  content: unknown,
  param: string,
  { images, warnings }: { images: boolean; warnings: string[] },
): (TextPart | ImagePart)[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content))
    throw invalidField(param, "Must be a string or an array of content parts.");
  return readList(content, param).map((given, index) => {
    const at = `${param}[${index}]`;
    const part = readObject(given, at);
    if (part["type"] === "text")
      return { type: "text", text: readText(part["text"], `${at}.text`) };
    // What a model once refused to say is part of the conversation as it was read.
    if (part["type"] === "refusal")
      return { type: "text", text: readText(part["refusal"], `${at}.refusal`) };
    if (part["type"] === "image_url" && images) return fromImage(part["image_url"], at, warnings);
    const allowed = images ? '"text" and "image_url"' : '"text"';
    throw invalidField(`${at}.type`, `Not supported here; what is: ${allowed}.`);
  });
}

function fromImage(given: unknown, at: string, warnings: string[]): ImagePart {
  const image = readObject(given, `${at}.image_url`);
  const detail = image["detail"] ?? "auto";
  if (detail !== "auto") warnings.push(`${at}.image_url.detail was ignored.`);
  return fromDataUrl(readText(image["url"], `${at}.image_url.url`), `${at}.image_url.url`);
}

/** Images may be megabytes long: no regular expression reads the whole. */
function fromDataUrl(url: string, param: string): ImagePart {
  if (/^https?:/i.test(url)) {
    throw invalidField(
      param,
      "A remote image is not fetched.",
      "Send its bytes as a data URL: data:image/png;base64,…",
    );
  }
  const comma = url.indexOf(",");
  const media = /^data:(image\/[\w.+-]+)(?:;[\w-]+=[^;,]*)*;base64$/i.exec(url.slice(0, comma));
  if (comma < 0 || comma > 200 || media === null)
    throw invalidField(param, "Must be a data URL of an image: data:image/png;base64,…");
  return { type: "image", mediaType: (media[1] ?? "").toLowerCase(), data: url.slice(comma + 1) };
}
