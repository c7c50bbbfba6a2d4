/**
 * What a data process and those who use it send each other over a unix socket: frames of a head, JSON of a few hundred bytes, and a
 * body of bytes that neither end has to look into. Before each frame: the length of all that follows, and of the head, as
 * unsigned 32-bit integers, most significant byte first.
 */
export interface Frame {
  readonly head: unknown;
  readonly body: Uint8Array;
}

const LENGTHS = 8;
/** More than any head or body has. */
const MAX_FRAME = 4 * 1024 * 1024;

/** A frame as bytes. */
export function frameOf(head: object, body: Uint8Array | string | null = null): Buffer {
  const headText = JSON.stringify(head);
  const headBytes = Buffer.byteLength(headText);
  const bodyBytes = body === null ? 0 : Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(LENGTHS + headBytes + bodyBytes);
  frame.writeUInt32BE(4 + headBytes + bodyBytes, 0);
  frame.writeUInt32BE(headBytes, 4);
  frame.write(headText, LENGTHS, 'utf8');
  if (typeof body === 'string') frame.write(body, LENGTHS + headBytes, 'utf8');
  else if (body !== null) frame.set(body, LENGTHS + headBytes);
  return frame;
}

/**
 * Makes frames of the chunks that a socket gives.
 *
 * @param take gets each frame; its body is a part of a larger buffer
 * @returns takes a chunk in; throws at what is no frame
 */
export function frameReader(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = LENGTHS;
  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts, held);
    for (;;) {
      if (bytes.length < LENGTHS) {
        wanted = LENGTHS;
        break;
      }
      const length = bytes.readUInt32BE(0);
      const headBytes = bytes.readUInt32BE(4);
      if (length > MAX_FRAME || headBytes + 4 > length) throw new Error('not a frame');
      wanted = 4 + length;
      if (bytes.length < wanted) break;
      const head: unknown = JSON.parse(bytes.toString('utf8', LENGTHS, LENGTHS + headBytes));
      const body = bytes.subarray(LENGTHS + headBytes, wanted);
      bytes = bytes.subarray(wanted);
      take({ head, body });
    }
    parts = [bytes];
    held = bytes.length;
  };
}
