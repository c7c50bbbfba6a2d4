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
import type { FromFold, ToFold } from './fold-messages.ts';

/** The thread in which a past state is folded and written out: both take longer than the office's loop has time for. */
let office = emptyOffice();

function answer(message: ToFold): FromFold {
  if (message.kind === 'begin') {
    if (message.snapshot !== null) office = decodeSnapshot(message.snapshot, message.code) ?? office;
    return { kind: 'at', position: office.position };
  }
  if (message.kind === 'events') {
    for (const event of message.events) applyEvent(office, event);
    return { kind: 'at', position: office.position };
  }
  office.position = message.position;
  if (message.kind === 'snapshot') return { kind: 'bytes', bytes: encodeSnapshot(office, message.code) };
  return { kind: 'bytes', bytes: Buffer.from(canonicalJson(stateDocument(office, message.office))) };
}

parentPort?.on('message', (message: ToFold) => {
  try {
    const said = answer(message);
    parentPort?.postMessage(said);
  } catch (error) {
    parentPort?.postMessage({ kind: 'failed', why: messageOf(error) } satisfies FromFold);
  }
});
