import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../kit/index.ts';
import {
  applyEvent,
  canonicalJson,
  decodeSnapshot,
  emptyOffice,
  encodeSnapshot,
  stateDocument,
} from '../../state/index.ts';
import { snapshotFolder } from './files.ts';
import type { FromFold, ToFold } from './fold-messages.ts';

/**
 * The thread in which a past state is folded and written out: both take longer than the office's loop has time for, and
 * so does copying the bytes, so it reads and writes the files itself.
 */
let office = emptyOffice();
let code = '';
let home = '';

async function answer(message: ToFold): Promise<FromFold> {
  if (message.kind === 'begin') {
    ({ home, code } = message);
    if (message.from !== null) {
      const bytes = await snapshotFolder(home).read(message.from);
      office = decodeSnapshot(bytes, code) ?? office;
    }
    return { kind: 'at', position: office.position };
  }
  if (message.kind === 'events') {
    for (const event of message.events) applyEvent(office, event);
    return { kind: 'at', position: office.position };
  }
  office.position = message.position;
  if (message.kind === 'document') {
    const text = canonicalJson(stateDocument(office, message.office));
    return { kind: 'bytes', bytes: new TextEncoder().encode(text) };
  }
  const { position, event } = message;
  await snapshotFolder(home).write({ position, event, bytes: encodeSnapshot(office, code) });
  return { kind: 'at', position };
}

parentPort?.on('message', async (message: ToFold) => {
  const said = await answer(message).catch(
    (error: unknown): FromFold => ({ kind: 'failed', why: messageOf(error) }),
  );
  // handed over, not copied
  parentPort?.postMessage(said, said.kind === 'bytes' ? [said.bytes.buffer] : []);
});
