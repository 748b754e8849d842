/** Whether a host, as a name or an address, is this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/** In lower case and without the port; empty where there is none to be had. */
export function hostnameOf(url: string): string {
  return URL.parse(url)?.hostname ?? "";
}
