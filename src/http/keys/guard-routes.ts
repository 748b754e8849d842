import type { FastifyInstance } from "fastify";
import type { Access } from "../../gateway/api.ts";
import type { KeyRing } from "./key-ring.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls; undefined where nobody has to prove who they are. */
    access: Access | undefined;
  }
}

/** What tells whether the server lives, asked by what starts and watches it. */
const openRoutes: ReadonlySet<string> = new Set(["/health", "/ready"]);

/**
 * Has every route that is registered afterwards ask for a key, where there are keys, before a body is read. What is no route is
 * answered with 404 to anybody.
 */
export function guardRoutes(app: FastifyInstance, keys: KeyRing): void {
  app.decorateRequest("access", undefined);
  app.addHook("onRoute", (route) => {
    if (openRoutes.has(route.url)) return;
    route.onRequest = [
      (request, _reply, done) => {
        request.access = keys.identify(request.headers.authorization);
        done();
      },
      ...[route.onRequest ?? []].flat(),
    ];
  });
}
