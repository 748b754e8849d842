import type { FastifyInstance } from "fastify";

/** Watches every route that is registered from here on. Gives the methods that a path takes: none where there is no such path. */
export function watchMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { readonly url: string; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    routes.push({ url, methods: [method].flat() });
  });
  return (path) => [
    ...new Set(routes.flatMap(({ url, methods }) => (fits(path, url) ? methods : []))),
  ];
}

/** `/v1/models/*` and `/api/calls/:id` fit whatever goes on from there. */
function fits(path: string, url: string): boolean {
  const open = url.search(/[:*]/);
  return open === -1 ? path === url : path.length > open && path.startsWith(url.slice(0, open));
}
