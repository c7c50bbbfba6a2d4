import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { EventDraft, JsonObject, StoredEvent } from '../envelope.ts';
import type { SealingKey } from './keyring.ts';

const CIPHER = 'aes-256-gcm';
/** Bytes; NIST SP 800-38D: random nonces of 96 bits are safe for 2^32 bodies under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What is stored as `data` of a sealed event: base64; `box` is the ciphertext and, behind it, the tag. */
interface SealedData {
  readonly nonce: string;
  readonly box: string;
}

/** Attributes that a body cannot be moved away from: they are authenticated with it. */
type Around = Pick<EventDraft, 'id' | 'type' | 'segment' | 'subject' | 'tenant'>;

/** The draft as it is stored: its body under the key. */
export function sealBody(draft: EventDraft, { sealedby, secret }: SealingKey): EventDraft {
  const plain = Buffer.from(JSON.stringify(draft.data));
  const { nonce, box } = sealBytes(plain, secret, around(draft, sealedby));
  plain.fill(0);
  const data = { nonce: nonce.toString('base64'), box: box.toString('base64') } satisfies SealedData;
  return { ...draft, data, sealedby };
}

/** The event with its body opened; null when it is not what was sealed under this key for this event. */
export function openBody(event: StoredEvent, { sealedby, secret }: SealingKey): StoredEvent | null {
  const { nonce, box } = event.data;
  if (typeof nonce !== 'string' || typeof box !== 'string') return null;
  const plain = openBytes(
    { nonce: Buffer.from(nonce, 'base64'), box: Buffer.from(box, 'base64') },
    secret,
    around(event, sealedby),
  );
  if (plain === null) return null;
  return { ...event, data: JSON.parse(plain.toString('utf8')) as JsonObject };
}

/**
 * A sealed event whose key was destroyed, as a reader sees it: erased, whether its tombstone is written already or not.
 * Its digest is the one that the tombstone will have: of the stored text, which is the envelope without its position.
 */
export function erasedBody(event: StoredEvent): StoredEvent {
  const { specversion, position, ...draft } = event;
  const text = JSON.stringify({ specversion, ...draft });
  return { ...event, data: {}, erased: `sha256:${createHash('sha256').update(text).digest('hex')}` };
}

/** Bytes that an event takes where it is stored, whether a reader holds it opened or not; blobs are not counted. */
export function storedBytes({ position: _, ...event }: StoredEvent): number {
  if (event.sealedby === undefined) return Buffer.byteLength(JSON.stringify(event));
  const box = base64Length(Buffer.byteLength(JSON.stringify(event.data)) + TAG_BYTES);
  const sealed: SealedData = { nonce: '', box: '' };
  return Buffer.byteLength(JSON.stringify({ ...event, data: sealed })) + base64Length(NONCE_BYTES) + box;
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

export function sealBytes(plain: Uint8Array, secret: SealingKey['secret'], associated: Uint8Array) {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES }).setAAD(associated);
  const box = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { nonce, box };
}

/** @returns null when key, nonce, associated data or content are not those it was sealed with */
export function openBytes(
  { nonce, box }: { readonly nonce: Uint8Array; readonly box: Uint8Array },
  secret: SealingKey['secret'],
  associated: Uint8Array,
): Buffer | null {
  if (nonce.length !== NONCE_BYTES || box.length < TAG_BYTES) return null;
  const end = box.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES })
    .setAAD(associated)
    .setAuthTag(box.subarray(end));
  try {
    return Buffer.concat([decipher.update(box.subarray(0, end)), decipher.final()]);
  } catch {
    return null; // the tag does not fit
  }
}

function around({ id, type, segment, subject, tenant }: Around, sealedby: string): Buffer {
  return Buffer.from(JSON.stringify(['event', sealedby, id, type, segment, subject, tenant]));
}
