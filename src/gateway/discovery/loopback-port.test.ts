import { describe, expect, it } from "vitest";
import { loopbackPort } from "./loopback-port.ts";

describe("the port of an address on this device", () => {
  it.each<[string, number | undefined]>([
    ["http://127.0.0.1:11434", 11434],
    ["http://localhost:11434/v1/", 11434],
    ["http://[::1]:11434", 11434],
    ["http://0.0.0.0:1234", 1234],
    ["http://LocalHost", 80],
    ["https://localhost", 443],
    ["http://10.0.0.5:11434", undefined],
    ["http://notlocalhost:11434", undefined],
    ["https://models.example/v1", undefined],
    ["no address", undefined],
  ])("%s: %s", (address, port) => {
    expect(loopbackPort(address)).toBe(port);
  });
});
