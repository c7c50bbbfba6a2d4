import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { UnpackAnswer } from './unpack-answer.ts';
import { unpackArchive } from './unpack-archive.ts';
import type { UnpackLimits } from './unpack-limits.ts';

/*
 * The process in which a stranger's archive is unpacked, started by `unpackInChild`.
 * argv: destination folder, limits as JSON; stdin: the archive; stdout: one line, an `UnpackAnswer`.
 */
const [intoFolder = '', limits = ''] = process.argv.slice(2);
const answer = await unpackArchive(process.stdin, intoFolder, JSON.parse(limits) as UnpackLimits).then(
  ({ files, bytes }): UnpackAnswer => ({ ok: true, files, bytes }),
  (error: unknown): UnpackAnswer => ({ error: errorRecord(error) }),
);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));

function errorRecord(error: unknown): Extract<UnpackAnswer, { error: unknown }>['error'] {
  if (!(error instanceof TabbifyError)) return { code: 'unpack_failed', what: messageOf(error) };
  const { code, what, why, hint } = error;
  return { code, what, ...(why !== undefined && { why }), ...(hint !== undefined && { hint }) };
}
