/** The least that answers over a process wall: a message for a message, or as many as it is asked for. */
interface Asked {
  readonly id: number;
  readonly events?: number;
}

process.on("message", ({ id, events }: Asked) => {
  if (events === undefined) process.send!({ id, value: { embeddings: [[0.6, 0.8]] } });
  else
    for (let event = 0; event < events; event++)
      process.send!({ id, type: "text-delta", text: "word " });
});
