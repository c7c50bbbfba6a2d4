import type { ListedFile } from '../../artifacts/index.ts';
import { nodeError } from '../errors.ts';

const FROM_THERE = 'Ask where it stands (`HEAD`), and send what is missing from there';

export function unknown(id: string) {
  return nodeError('upload_unknown', {
    what: `No upload ${id} of this app`,
    why: 'it was published, nothing was heard of it for a day, or it gave way to another push',
    hint: 'Push again: what the office still has is not sent again',
  });
}

export function busy(why: string) {
  return nodeError('upload_busy', {
    what: 'Nothing can be sent to this upload now',
    why,
    hint: 'Try again in a moment',
  });
}

export function offsetElsewhere(asked: number, is: number) {
  return nodeError('upload_offset', {
    what: `The upload does not stand at ${asked}`,
    why: `it stands at ${is}`,
    hint: FROM_THERE,
  });
}

export function stalled(afterMs: number) {
  return nodeError('upload_stalled', {
    what: 'The upload was broken off',
    why: `nothing has come for ${afterMs / 1000} s`,
    hint: FROM_THERE,
  });
}

export function takenOver() {
  return nodeError('upload_busy', {
    what: 'The upload was broken off',
    why: 'another request goes on with it, or the office is being stopped',
    hint: FROM_THERE,
  });
}

export function incomplete({ path }: ListedFile) {
  return nodeError('upload_incomplete', {
    what: 'The upload cannot be published yet',
    why: `the content of ${JSON.stringify(path.slice(0, 120))} is missing`,
    hint: FROM_THERE,
  });
}

export function tooMany(whose: 'app' | 'office', most: number) {
  return nodeError('too_many_at_once', {
    what: `No further upload can be begun`,
    why: `this ${whose} has ${most} that are not finished`,
    hint: 'Push again in a minute; one that nobody goes on with ends after a day',
  });
}
