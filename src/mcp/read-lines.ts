const newline = 0x0a;
/** Of a line that is too long, how much of its head and of its tail is kept, in bytes. */
const edgeBytes = 512;

export interface LineListener {
  line(text: string): void;
  /** A line that was dropped as it came in: its size, its head and its tail. */
  tooLong(sizeBytes: number, head: string, tail: string): void;
}

/** Takes chunks and gives whole lines; holds no more than `maxBytes` of one. */
export function readLines(maxBytes: number, listener: LineListener): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let dropped: { head: Buffer; tail: Buffer } | undefined;

  function take(part: Buffer): void {
    length += part.length;
    if (dropped !== undefined) {
      dropped.tail = Buffer.concat([dropped.tail, part]).subarray(-edgeBytes);
    } else {
      parts.push(part);
      if (length > maxBytes) drop();
    }
  }

  /** Keeps copies of the edges, so that the line itself is let go. */
  function drop(): void {
    const line = Buffer.concat(parts);
    const [head, tail] = [line.subarray(0, edgeBytes), line.subarray(-edgeBytes)];
    dropped = { head: Buffer.from(head), tail: Buffer.from(tail) };
    parts = [];
  }

  function endLine(): void {
    const [line, size, lost] = [parts, length, dropped];
    parts = [];
    length = 0;
    dropped = undefined;
    if (lost !== undefined) listener.tooLong(size, lost.head.toString(), lost.tail.toString());
    else listener.line(line.length === 1 ? String(line[0]) : Buffer.concat(line).toString());
  }

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      endLine();
    }
    if (start < chunk.length) take(chunk.subarray(start));
  };
}
