import { once } from "node:events";
import { connect } from "node:net";

/** What comes back for bytes as they are. */
export async function speak(url: string, bytes: string): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("utf8").on("data", (part: string) => (answer += part));
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}
