import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianPackage } from "./debian-package.ts";
import { startProcessGroup } from "./process-group.ts";

export interface DockerRegistry {
  /** On 127.0.0.1. */
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts Debian's docker-registry, which keeps what is pushed in a folder. It ends with this process.
 * @throws MissingIngredient
 */
export async function startDockerRegistry(folder: string): Promise<DockerRegistry> {
  await debianPackage("docker-registry");
  const storage = join(folder, "storage");
  await mkdir(storage, { recursive: true });
  const config = join(folder, "config.yml");
  // JSON is YAML
  const settings = {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0" },
  };
  await writeFile(config, JSON.stringify(settings));
  const group = await startProcessGroup("docker-registry", ["serve", config], {
    PATH: process.env["PATH"] ?? "",
    OTEL_TRACES_EXPORTER: "none",
  });
  try {
    const [, port] = await group.untilSaid(/listening on 127\.0\.0\.1:(\d+)/);
    return { port: Number(port), stop: group.stop };
  } catch (error) {
    await group.stop();
    throw error;
  }
}
