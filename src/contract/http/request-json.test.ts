import { expect, it } from "vitest";
import { startTestServer } from "./__fixtures__/test-server.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import type { ErrorCode } from "../errors.ts";
import { requestJson } from "./request-json.ts";
import { responseError, type FailedResponse } from "./response-error.ts";

it("says of what another origin refuses that it was redirected there, without a key", async () => {
  await using other = await startTestServer((_, response) =>
    response.writeHead(401).end('{"error":{"message":"No key."}}'),
  );
  await using server = await startTestServer((request, response) =>
    request.url === "/here"
      ? response.writeHead(401).end('{"error":{"message":"Wrong key."}}')
      : response.writeHead(307, { location: request.url === "/away" ? other.url : "/here" }).end(),
  );
  const guarded = createGuardedFetch({ environment: {} });
  const refusal = (path: string) =>
    requestJson(guarded.fetch, `${server.url}${path}`).catch((error: unknown) => error);
  expect(await refusal("/away")).toMatchObject({
    code: "backend-unauthorized",
    message: `The backend answered 401: No key. 127.0.0.1:${server.port} had redirected to ${other.url}, where no key is sent.`,
    remedy: expect.stringContaining(other.url),
    details: { status: 401 },
  });
  expect(await refusal("/around")).toMatchObject({
    message: "The backend answered 401: Wrong key.",
  });
  await guarded.close();
});

it.each([
  ["/elsewhere", "/elsewhere."],
  ["http://[", "no address"],
])("says where a redirect leads that is not followed: %s", async (location, told) => {
  await using server = await startTestServer((_, response) =>
    response.writeHead(302, { location }).end(),
  );
  const guarded = createGuardedFetch({ environment: {} });
  await expect(requestJson(guarded.fetch, server.url, { body: {} })).rejects.toMatchObject({
    code: "backend-error",
    message: expect.stringContaining(told),
  });
  await guarded.close();
});

it("lets an API's own words say what a refusal means", async () => {
  await using server = await startTestServer((_, response) =>
    response.writeHead(400, { "retry-after": "2" }).end('{"fault":{"id":"E42"}}'),
  );
  const guarded = createGuardedFetch({ environment: {} });
  const codes: Record<string, ErrorCode> = { E42: "rate-limited" };
  const toError = (failed: FailedResponse) =>
    responseError({ ...failed, code: codes[(failed.body as { fault: { id: string } }).fault.id] });
  await expect(requestJson(guarded.fetch, server.url, { toError })).rejects.toMatchObject({
    code: "rate-limited",
    message: expect.stringMatching(/fault.*E42/),
    retryAfterMs: 2_000,
  });
  await expect(
    requestJson(guarded.fetch, server.url, { toError: () => undefined }),
  ).rejects.toMatchObject({ code: "invalid-request" });
  await guarded.close();
});
