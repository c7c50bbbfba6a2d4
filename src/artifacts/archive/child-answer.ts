import type { ChildProcess } from 'node:child_process';
import { messageOf } from '../../kit/index.ts';
import { type ArtifactErrorCode, artifactError } from '../errors.ts';
import { type UnpackAnswer, unpackAnswer } from './unpack-answer.ts';
import type { Unpacked } from './unpack-limits.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const CODES: readonly ArtifactErrorCode[] = ['archive_invalid', 'archive_too_large', 'store_unavailable'];

/**
 * What the unpacking process answers; it settles when the process has ended.
 *
 * @throws archive_invalid, archive_too_large, store_unavailable as the process says; unpack_failed when it says nothing;
 *   the signal's reason
 */
export async function childAnswer(child: ChildProcess, signal: AbortSignal): Promise<Unpacked> {
  const stdout = startOf(child.stdout);
  const stderr = startOf(child.stderr);
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(failed(messageOf(error), error)));
    child.once('close', () => resolve());
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  const answer = parseAnswer(stdout());
  if (answer === null) {
    const ending = child.signalCode ?? `exit code ${child.exitCode}`;
    throw failed(`its process ended with ${ending}: ${stderr().trim().slice(0, 500)}`);
  }
  if ('ok' in answer) return { files: answer.files, bytes: answer.bytes };
  const { code, ...text } = answer.error;
  const known = CODES.find((candidate) => candidate === code);
  throw known === undefined ? failed(text.what) : artifactError(known, text);
}

function parseAnswer(text: string): UnpackAnswer | null {
  try {
    return unpackAnswer.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // the process was killed, or died while it printed
  }
}

function startOf(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size < MAX_ANSWER_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function failed(why: string, cause?: unknown) {
  return artifactError('unpack_failed', {
    what: 'The archive could not be unpacked',
    why,
    hint: 'Try again; if it happens again, `tabbify doctor` checks this machine.',
    cause,
  });
}
