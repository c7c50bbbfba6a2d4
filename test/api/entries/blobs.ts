import { createHash, randomUUID } from 'node:crypto';
import type { Entry } from '../entry.ts';

function newBlob() {
  const bytes = new TextEncoder().encode(`a blob ${randomUUID()}`);
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

export const blobEntries: readonly Entry[] = [
  {
    operation: 'PUT /v1/blobs/{digest}',
    allowed: 'admin',
    call: () => {
      const { bytes, digest } = newBlob();
      return { params: { digest }, body: { bytes, type: 'text/plain' } };
    },
    status: 201,
    stranger: 'own',
    except: { agent: 201 }, // it may say events
    appendsNothing: 'storing a blob belongs to the append that names it',
  },
  {
    operation: 'GET /v1/blobs/{digest}',
    allowed: 'read',
    call: async ({ log }, { slug }) => {
      const { bytes, digest } = newBlob();
      await log.putBlob(slug, bytes, 'text/plain');
      return { params: { digest } };
    },
    status: 200,
    stranger: 'hidden',
  },
];
