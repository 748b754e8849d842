import os from "node:os";
import { formatBytes } from "../../contract/format-bytes.ts";
import type { Examination } from "./examine.ts";

/** Less than this is too little for the default models and the program. */
const leastMemoryBytes = 1_000_000_000;

/** Node, the processor, and the memory: a container's own limit counts, not the machine's. */
export const examineMachine: Examination = async (services) => {
  const limit = process.constrainedMemory();
  const total = os.totalmem();
  const usable = limit > 0 ? Math.min(limit, total) : total;
  const free = Math.min(process.availableMemory(), usable);
  const tight = free < leastMemoryBytes;
  return [
    {
      what: "Modelyard",
      status: "good",
      message: `${services.version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    },
    {
      what: "Processor",
      status: "good",
      message: `${os.availableParallelism()} cores`,
    },
    {
      what: "Memory",
      status: tight ? "note" : "good",
      message: `${formatBytes(free)} free of ${formatBytes(usable)}`,
      ...(tight && { remedy: "Close other programs, or use small models only." }),
    },
  ];
};
