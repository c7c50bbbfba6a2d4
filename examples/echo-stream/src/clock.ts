/** Ticks of a clock as server-sent events, each with its number as `id`; after the last one the stream ends. */
export function clock({ from, to, everyMs }: { from: number; to: number; everyMs: number }): Response {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tick = (number: number): void => {
        if (number > to) {
          // Without this the browser would connect again, for the ticks that it does not have.
          controller.enqueue(encoder.encode('event: end\ndata: \n\n'));
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(`id: ${number}\ndata: ${new Date().toISOString()}\n\n`));
        timer = setTimeout(tick, everyMs, number + 1);
      };
      tick(from);
    },
    cancel() {
      clearTimeout(timer); // the visitor has left
    },
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  });
}
