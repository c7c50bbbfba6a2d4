import {
  type FileCode,
  type FileReply,
  type FileRequest,
  type FilesLink,
  openFilesLink,
} from '../../../../data/index.ts';
import type { AppChannel } from '../../../../egress/index.ts';

/** Where the app API is (CONTRACTS §9). */
const APP_API = { host: 'tabbify.internal', port: 80 } as const;

/** A call that failed; the guest is told which way. */
export class FilesError extends Error {
  readonly code: FileCode;

  constructor(code: FileCode) {
    super(code);
    this.code = code;
  }
}

/** One connection's handles: those of another one mean nothing on it. */
export interface FilesEpoch {
  call(request: FileRequest, bytes?: Uint8Array | null): Promise<Answered>;
}

export interface Answered {
  readonly reply: FileReply;
  readonly bytes: Uint8Array;
}

/** The app's files, for all its instances. */
export interface AppFiles {
  /** The connection there is, or a new one. @throws FilesError `io` when there is none to be had */
  epoch(): Promise<FilesEpoch>;
  /** Closes all that is open. */
  close(): void;
}

/**
 * The files of an app over a connection to the process that has them. It is made with the first call; when it ends, since that process was
 * ended, what was open is lost, and the next path that is opened makes another.
 */
export function openAppFiles(channel: AppChannel): AppFiles {
  let current: Promise<{ readonly link: FilesLink; readonly epoch: FilesEpoch }> | null = null;

  async function connect() {
    const link = await openFilesLink(await channel.dial(APP_API));
    const epoch: FilesEpoch = {
      async call(request, bytes) {
        const answer = await link.call(request, bytes).catch(() => null);
        if (answer === null) throw new FilesError('io');
        if (answer.reply.error !== undefined) throw new FilesError(answer.reply.error as FileCode);
        return answer;
      },
    };
    return { link, epoch };
  }

  return {
    async epoch() {
      for (;;) {
        current ??= connect();
        const asked = current;
        try {
          const { link, epoch } = await asked;
          if (!link.isOver) return epoch;
        } catch {
          if (current === asked) current = null;
          throw new FilesError('io');
        }
        if (current === asked) current = null;
      }
    },
    close() {
      void current?.then(
        ({ link }) => link.close(),
        () => {},
      );
    },
  };
}
