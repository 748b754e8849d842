/** The command, whose standard output also tells of each function of WebAssembly that V8 compiles. */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--trace-wasm-compilation-times");
await import("../../src/cli/main.ts");
