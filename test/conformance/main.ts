import { conformanceExtension } from "./conformance-extension.ts";
import { runSuite } from "./run-suite.ts";
import { startServer } from "./start-server.ts";

/** `node test/conformance/main.ts [words for the suite…]`: the suite's own report, with the fixtures; `--product` leaves them out. */
const words = process.argv.slice(2);
const product = words[0] === "--product";
const server = await startServer(product ? undefined : conformanceExtension);
const { output, exitCode } = await runSuite(server.url, product ? words.slice(1) : words);
process.stdout.write(output);
await server.close({ drainMs: 0 });
process.exitCode = exitCode ?? 1;
