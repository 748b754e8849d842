import { describe, expect, it } from "vitest";
import { classOfAddress, isWider, widestOf } from "./privacy-class.ts";

describe("classOfAddress", () => {
  it.each([
    ["127.0.0.1", "device"],
    ["127.8.9.10", "device"],
    ["::1", "device"],
    ["::ffff:127.0.0.1", "device"],
    ["::ffff:7f00:1", "device"],
    ["0.0.0.0", "device"],
    ["::", "device"],
    ["10.1.2.3", "network"],
    ["172.16.0.1", "network"],
    ["172.32.0.1", "remote"],
    ["192.168.1.1", "network"],
    ["169.254.169.254", "network"],
    ["100.64.0.1", "network"],
    ["::ffff:10.0.0.1", "network"],
    ["fe80::1%eth0", "network"],
    ["fd00::1", "network"],
    ["8.8.8.8", "remote"],
    ["::ffff:8.8.8.8", "remote"],
    ["::ffff:808:808", "remote"],
    ["::ffff:0:7f00:1", "remote"],
    ["::7f00:1", "remote"],
    ["::8.8.8.8", "remote"],
    ["64:ff9b::808:808", "remote"],
    ["64:ff9b::7f00:1", "remote"],
    ["64:ff9b:1::a00:1", "remote"],
    ["2002:808:808::1", "remote"],
    ["2002:7f00:1::1", "remote"],
    ["2001:0:808:808::1", "remote"],
    ["fd00:ec2::254", "network"],
    ["febf::1", "network"],
    ["fec0::1", "remote"],
    ["ff02::1", "remote"],
    ["0.0.0.1", "remote"],
    ["127.0.0.1%lo", "device"],
    ["2130706433", "remote"],
    ["0177.0.0.1", "remote"],
    ["198.18.0.1", "remote"],
    ["224.0.0.1", "remote"],
    ["255.255.255.255", "remote"],
    ["2001:4860:4860::8888", "remote"],
    ["localhost", "remote"],
    ["", "remote"],
  ])("%s is %s", (address, expected) => {
    expect(classOfAddress(address)).toBe(expected);
  });
});

it("orders classes from the narrowest", () => {
  expect(isWider("remote", "network")).toBe(true);
  expect(isWider("device", "network")).toBe(false);
  expect(isWider("network", "network")).toBe(false);
  expect(widestOf(["device", "remote", "network"])).toBe("remote");
  expect(widestOf([])).toBe("device");
});
