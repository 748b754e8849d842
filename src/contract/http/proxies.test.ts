import { expect, it } from "vitest";
import { proxiesOf, proxyOfUrl } from "./proxies.ts";

const environment = {
  HTTP_PROXY: "http://me:secret@proxy.example:3128",
  HTTPS_PROXY: "http://secure.example:3129",
};

it.each([
  ["http://api.example/", "", "proxy.example:3128"],
  ["https://api.example/", "", "secure.example:3129"],
  ["https://api.example/", "api.example", undefined],
  ["https://a.api.example/", "api.example", undefined],
  ["https://a.api.example/", ".api.example", undefined],
  ["https://a.api.example/", "other.example, *.api.example", undefined],
  ["https://notapi.example/", "api.example", "secure.example:3129"],
  ["https://api.example/", "api.example:8443", "secure.example:3129"],
  ["https://api.example:8443/", "api.example:8443", undefined],
  ["https://api.example/", "*", undefined],
  ["https://API.example./", "api.example", undefined],
])("%s with NO_PROXY %j goes by %s", (url, noProxy, proxy) => {
  const proxies = proxiesOf({ ...environment, NO_PROXY: noProxy });
  expect(proxyOfUrl(new URL(url), proxies)).toBe(proxy);
});

it("is none where the environment names none, or one that is no URL", () => {
  const url = new URL("http://api.example/");
  expect(proxyOfUrl(url, proxiesOf({}))).toBeUndefined();
  expect(proxyOfUrl(url, proxiesOf({ HTTP_PROXY: "garbage" }))).toBeUndefined();
});
