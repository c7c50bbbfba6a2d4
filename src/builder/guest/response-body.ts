import { untilReady } from './wait.ts';
import { isClosed, type OutgoingBody, type OutputStream, type Wasi } from './wasi.ts';

export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | string | undefined }>;
  cancel(reason: unknown): Promise<void>;
}

/**
 * Streams a response's body out, each chunk as it comes, no faster than the reader takes it. A body that fails half
 * way is dropped unfinished, so that the host breaks the connection instead of ending it as if all were there.
 *
 * @throws what the app's stream threw
 */
export async function sendBody(reader: BodyReader, body: OutgoingBody, wasi: Wasi): Promise<void> {
  const output = body.write();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value === undefined) continue;
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      if (bytes.length > 0) await writeAll(output, bytes, wasi);
    }
    finished = true;
  } catch (error) {
    reader.cancel(error).catch(() => {}); // the app's stream may have failed itself
    if (!isClosed(error)) throw error; // the visitor went away: nothing is wrong with the app
  } finally {
    output[Symbol.dispose](); // a child of the body, so it goes first
    if (finished) wasi.http.OutgoingBody.finish(body, undefined);
    else body[Symbol.dispose]();
  }
}

async function writeAll(output: OutputStream, bytes: Uint8Array, wasi: Wasi): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const allowed = Number(output.checkWrite());
    if (allowed === 0) {
      await untilReady(output.subscribe(), wasi);
      continue;
    }
    const end = Math.min(bytes.length, offset + allowed);
    output.write(offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end));
    offset = end;
  }
  output.flush();
}
