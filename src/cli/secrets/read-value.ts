import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import type { TerminalInput } from '../terminal/io.ts';
import { answerTo } from '../terminal/question.ts';

/** More than a value may have: the office says what is too much. */
const MAX_BYTES = 1024 * 1024;

/**
 * The value of a secret, from stdin or typed without being shown. Nothing else is ever a way in: an argument stands in the history of
 * the shell and in the list of processes.
 *
 * @param extra arguments that were given although there is no place for them
 * @param isFile the bytes count as they are; of a text the line's end is taken off, which `echo` adds
 * @returns null when the person left the question
 * @throws TabbifyError `usage`
 */
export async function readValue(
  context: Context,
  {
    name,
    extra,
    fromStdin,
    isFile,
  }: {
    readonly name: string;
    readonly extra: readonly string[];
    readonly fromStdin: boolean;
    readonly isFile: boolean;
  },
): Promise<Buffer | null> {
  const { io } = context;
  if (extra.length > 0) throw valueAsArgument();
  if (fromStdin && io.stdin.isTTY !== true) {
    const bytes = await allOf(io.stdin);
    return isFile ? bytes : withoutLineEnd(bytes);
  }
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: 'The secret has no value',
      why: 'this is no terminal to ask in, and --from-stdin was not given',
      hint: 'Pipe the value in, for example from a password manager, and add --from-stdin.',
    });
  }
  if (isFile) {
    throw cliError('usage', {
      what: 'A file cannot be typed',
      why: 'its bytes count as they are',
      hint: 'Pipe it in: … --from-stdin < the-file',
    });
  }
  const { password } = await import('@clack/prompts');
  const typed = await answerTo(io, (asked) =>
    password({
      message: `Value of ${name}`,
      validate: (text) => (text ? undefined : 'Type or paste the value'),
      ...asked,
    }),
  );
  return typed === null ? null : Buffer.from(typed, 'utf8');
}

/** What was meant as a value is not repeated. */
function valueAsArgument() {
  return cliError('usage', {
    what: 'The value of a secret is never an argument',
    why: 'arguments stand in the history of the shell and in the list of processes; nothing was registered',
    hint: 'Pipe it in with --from-stdin, or leave it out and type it when asked. If that was the real value, have its issuer replace it.',
  });
}

async function allOf(stdin: TerminalInput): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > MAX_BYTES) {
      throw cliError('usage', {
        what: 'The secret is too large',
        why: `more than ${MAX_BYTES} bytes came in`,
        hint: 'A secret has at most 64 KiB; keep what is large elsewhere, sealed, and its key here.',
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function withoutLineEnd(bytes: Buffer): Buffer {
  const isLine = bytes.at(-1) === 0x0a;
  const isCrlf = isLine && bytes.at(-2) === 0x0d;
  return bytes.subarray(0, bytes.length - (isCrlf ? 2 : isLine ? 1 : 0));
}
