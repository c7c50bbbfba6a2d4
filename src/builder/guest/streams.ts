interface Options {
  readonly preventCancel?: boolean;
}

/** Streams standard, §4.2.5: `for await (const chunk of stream)`, which the engine has not. */
async function* values<Chunk>(
  this: ReadableStream<Chunk>,
  { preventCancel = false }: Options = {},
): AsyncGenerator<Chunk, void, undefined> {
  const reader = this.getReader();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isOver = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    if (!isOver && !preventCancel) await reader.cancel();
    reader.releaseLock();
  }
}

const { prototype } = ReadableStream as unknown as { prototype: object };
for (const key of ['values', Symbol.asyncIterator]) {
  if (!(key in prototype))
    Object.defineProperty(prototype, key, { value: values, writable: true, configurable: true });
}
