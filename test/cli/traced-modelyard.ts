/** The command, whose standard output also tells of each function of WebAssembly that V8 compiles, and of each collection of garbage. */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--trace-wasm-compilation-times");
setFlagsFromString("--trace-gc");
await import("../../src/cli/main.ts");
