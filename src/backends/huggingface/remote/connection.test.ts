import { expect, it } from "vitest";
import { startTestServer } from "../../../contract/http/__fixtures__/test-server.ts";
import { createGuardedFetch } from "../../../contract/http/guarded-fetch.ts";
import { createConnection } from "./connection.ts";

it("tells the status of a refusal whose body never ends, and closes the connection", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await startTestServer((_, response) => {
    response.writeHead(503, { "content-type": "text/plain" });
    response.on("close", closed.resolve).write("No room.");
  });
  const { fetch } = createGuardedFetch({ environment: {} });
  const connection = createConnection({ baseUrl: server.url }, {});
  await expect(connection.send(fetch, "/info")).rejects.toMatchObject({
    message: expect.stringContaining("No room."),
  });
  await closed.promise;
});
