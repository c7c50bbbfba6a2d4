import { flushCompileCache } from 'node:module';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { UnpackAnswer } from './unpack-answer.ts';
import { unpackArchive } from './unpack-archive.ts';
import type { UnpackLimits } from './unpack-limits.ts';

/*
 * The process in which a stranger's archive is unpacked, started by `unpackInChild`.
 * argv: destination folder, limits as JSON, then what it may write to only until it has been loaded; stdin: the archive; stdout: one line, an `UnpackAnswer`.
 */
const [intoFolder = '', limits = '', ...untilLoaded] = process.argv.slice(2);
if (untilLoaded.length > 0) flushCompileCache();
for (const path of untilLoaded) process.permission.drop('fs.write', path);
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
