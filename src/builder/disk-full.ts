import { messageOf, type TabbifyError } from '../kit/index.ts';
import { builderError } from './errors.ts';

/** No space left, or none within the user's quota. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** The error in words a person can act on when it says that the disk is full; else null. */
export function diskFull(error: unknown): TabbifyError | null {
  if (!FULL.has((error as NodeJS.ErrnoException | null)?.code ?? '')) return null;
  return builderError('build_broken', {
    what: 'The disk of the office is full',
    why: messageOf(error),
    hint: 'Free space on it, and push again.',
    cause: error,
  });
}
