// Deletes the other platforms' binaries that onnxruntime-node ships (240 MB). Plain JavaScript: it runs in `npm ci`, on any Node.
import fs from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname ?? ".", "..", "node_modules", "onnxruntime-node", "bin");
for (const napi of fs.existsSync(root) ? fs.readdirSync(root) : []) {
  for (const platform of fs.readdirSync(path.join(root, napi))) {
    for (const arch of fs.readdirSync(path.join(root, napi, platform))) {
      if (platform === process.platform && arch === process.arch) continue;
      fs.rmSync(path.join(root, napi, platform, arch), { recursive: true });
    }
  }
}
