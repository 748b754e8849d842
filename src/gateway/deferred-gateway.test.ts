import { describe, expect, it, vi } from "vitest";
import type { Gateway } from "./api.ts";
import { deferGateway } from "./deferred-gateway.ts";

describe("deferGateway", () => {
  it("is opened once, by the first use, with its listeners", async () => {
    const { gateway, heard } = start();
    const openGateway = vi.fn<() => Promise<Gateway>>(async () => gateway);
    const deferred = deferGateway(openGateway);
    deferred.on("models", heard);
    const stop = deferred.on("models", () => expect.unreachable());
    stop();
    expect(openGateway).not.toHaveBeenCalled();
    await Promise.all([deferred.models(), deferred.models(), deferred.open()]);
    expect(openGateway).toHaveBeenCalledTimes(1);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("tells everyone what kept it from being opened, and can be closed nevertheless", async () => {
    const deferred = deferGateway(() => Promise.reject(new Error("no such file")));
    await expect(deferred.models()).rejects.toThrow("no such file");
    await expect(deferred.open()).rejects.toThrow("no such file");
    await deferred.close();
  });

  it("is not opened by being closed, nor afterwards", async () => {
    const openGateway = vi.fn<() => Promise<Gateway>>(async () => start().gateway);
    const deferred = deferGateway(openGateway);
    await deferred.close();
    await expect(deferred.models()).rejects.toMatchObject({ code: "cancelled" });
    expect(openGateway).not.toHaveBeenCalled();
  });
});

/** A gateway that calls a listener as soon as it has it. */
function start() {
  const heard = vi.fn<() => void>();
  const gateway = {
    models: async () => [],
    on(_: string, listener: () => void) {
      listener();
      return () => {};
    },
  } as Partial<Gateway> as Gateway;
  return { gateway, heard };
}
