import { afterAll, beforeAll, beforeEach } from "vitest";
import { startFileServer, type FileServer } from "./file-server.ts";

/** One file server for all tests of a file, empty before each of them. */
export function useFileServer(): Omit<FileServer, "close"> {
  let server: FileServer;
  beforeAll(async () => {
    server = await startFileServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.files.clear();
    server.requests.length = 0;
  });
  return {
    get url() {
      return server.url;
    },
    get otherUrl() {
      return server.otherUrl;
    },
    get files() {
      return server.files;
    },
    get requests() {
      return server.requests;
    },
  };
}
