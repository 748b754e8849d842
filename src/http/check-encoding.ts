import type { IncomingHttpHeaders } from "node:http";

/** Refuses a compressed body before it is taken for broken JSON. @throws an error with the `statusCode` 415 */
export function checkEncoding(headers: IncomingHttpHeaders): void {
  const encoding = headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw Object.assign(new Error(describeUnread(headers)), { statusCode: 415 });
}

/** Why a body is not read, and what would be. */
export function describeUnread(headers: IncomingHttpHeaders): string {
  const { "content-encoding": encoding, "content-type": type } = headers;
  if (encoding !== undefined && encoding !== "identity")
    return `A body with content-encoding ${quote(encoding)} is not read. Send it uncompressed.`;
  const found = type === undefined ? "no content-type" : `content-type ${quote(type)}`;
  return `A body with ${found} is not read. Send JSON, with \`content-type: application/json\`.`;
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 100));
}
