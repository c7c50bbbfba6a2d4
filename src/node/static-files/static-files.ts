import { pipeline } from 'node:stream/promises';
import { namedFile, type ObjectStore } from '../../artifacts/index.ts';
import { type Logger, TabbifyError } from '../../kit/index.ts';
import type { FileVisit, StaticFiles } from '../edge/static-files.ts';
import { nodeError } from '../errors.ts';
import { fence, sharedHead, wholeHead } from './answer-head.ts';
import { codingsFor } from './codings.ts';
import { type Conditions, preconditions, readConditions } from './conditions.ts';
import { type Part, rangeOf } from './range.ts';
import { createFileReader, isLarge } from './read-files.ts';
import { staticFileOf } from './static-file.ts';
import type { Form, StaticFile, VersionFiles } from './version-files.ts';

export interface StaticFilesOptions {
  readonly store: ObjectStore;
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly logger: Logger;
}

/** Spellings of paths that are remembered of a version. */
const MAX_FOUND = 5_000;
/** Those of a pipeline, of the credential's end and of the figures, with room. */
const MAX_LISTENERS = 20;
/** What is shown where no file is, by apps that are files alone. */
const NOT_FOUND = '404.html';

/**
 * Serves the static files of versions: from memory if they are at hand, else from the store, and never a byte that is not
 * what the log says was published.
 */
export function createStaticFiles({ store, home, logger }: StaticFilesOptions): StaticFiles {
  const reader = createFileReader({ store, home });

  function answerFrom(visit: FileVisit, version: VersionFiles): void {
    const { files, target } = visit;
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    let file = version.found.get(path);
    if (file === undefined) {
      const named = namedFile(version.files, files.folder, path);
      if (named?.kind === 'folder') {
        redirect(visit, `${visit.prefix ?? ''}${path}/${query === -1 ? '' : target.slice(query)}`);
        return;
      }
      const found = named === null ? null : staticFileOf(version.files, named.path);
      if (found === null) {
        answerMissing(visit, version);
        return;
      }
      file = found;
      if (version.found.size >= MAX_FOUND) version.found.clear();
      version.found.set(path, file);
    }
    answerFound(visit, version, file);
  }

  function answerMissing(visit: FileVisit, version: VersionFiles): void {
    if (!visit.files.alone) {
      visit.otherwise();
      return;
    }
    const page = staticFileOf(version.files, `${visit.files.folder}/${NOT_FOUND}`);
    if (page === null) visit.refuse(noSuchFile());
    else send(visit, version, page, formFor(page, readConditions(visit.headers)), 404);
  }

  function answerFound(visit: FileVisit, version: VersionFiles, file: StaticFile): void {
    const conditions = readConditions(visit.headers);
    const isPart = conditions.range !== null && visit.request.method === 'GET';
    const form = isPart ? file.asItIs : formFor(file, conditions);
    const standing = preconditions(conditions, form.etag, version.lastModified);
    if (standing !== 'go') {
      const head = sharedHead(file, form, version.lastModified, visit);
      if (standing === 'same') visit.response.writeHead(304, head).end();
      else visit.response.writeHead(412, ['content-length', '0', ...head]).end();
      return;
    }
    if (!isPart) {
      send(visit, version, file, form, 200);
      return;
    }
    const isSame = conditions.ifRange === null || conditions.ifRange === form.etag;
    const part = isSame ? rangeOf(conditions.range ?? '', form.size) : null;
    if (part === null) send(visit, version, file, form, 200);
    else if (part === 'unsatisfiable') {
      const head = ['content-range', `bytes */${form.size}`, 'content-length', '0'];
      visit.response.writeHead(416, [...head, ...sharedHead(file, form, version.lastModified, visit)]).end();
    } else sendPart(visit, version, file, part);
  }

  /** The shortest form that the visitor takes. Ranges are of the file as it is. */
  function formFor(file: StaticFile, { acceptEncoding }: Conditions): Form {
    if (file.br === null && file.gzip === null) return file.asItIs;
    for (const coding of codingsFor(acceptEncoding)) {
      const form = file[coding];
      if (form !== null && !reader.isOut(form)) return form;
    }
    return file.asItIs;
  }

  function send(
    visit: FileVisit,
    version: VersionFiles,
    file: StaticFile,
    form: Form,
    status: 200 | 404,
  ): void {
    const { response, files } = visit;
    const isHead = visit.request.method === 'HEAD';
    const headOf = (length: number) => wholeHead(file, form, length, version.lastModified, visit);
    const bytes = reader.atHand(form);
    if (bytes !== undefined) {
      response.writeHead(status, headOf(bytes.length) as string[]);
      response.end(isHead ? undefined : bytes);
      // what a slow visitor has not taken yet ends with its credential
      if (visit.admission !== null && (response.socket?.writableLength ?? 0) > 0) tie(visit);
      return;
    }
    if (isHead && !form.isMade) {
      response.writeHead(status, headOf(form.size) as string[]).end();
      return;
    }
    if (!form.isMade && isLarge(form)) {
      stream(visit, form, null, status, headOf(form.size));
      return;
    }
    later(visit, form, reader.read(files, form), (read) => {
      if (read === null) send(visit, version, file, file.asItIs, status);
      else {
        response.writeHead(status, headOf(read.length) as string[]);
        response.end(isHead ? undefined : read);
      }
    });
  }

  function sendPart(visit: FileVisit, version: VersionFiles, file: StaticFile, part: Part): void {
    const form = file.asItIs;
    const head = [
      ...['content-type', file.contentType, 'content-length', String(part.end - part.start + 1)],
      ...['content-range', `bytes ${part.start}-${part.end}/${form.size}`, 'accept-ranges', 'bytes'],
      ...sharedHead(file, form, version.lastModified, visit),
    ];
    if (isLarge(form)) {
      stream(visit, form, part, 206, head);
      return;
    }
    later(visit, form, reader.read(visit.files, form), (bytes) => {
      visit.response.writeHead(206, head).end(bytes?.subarray(part.start, part.end + 1));
    });
  }

  function stream(
    visit: FileVisit,
    form: Form,
    part: Part | null,
    status: number,
    head: readonly string[],
  ): void {
    const opened = reader.open(visit.files, form);
    const isLeft = later(visit, form, opened, (file) => {
      visit.response.writeHead(status, head as string[]);
      visit.response.setMaxListeners(MAX_LISTENERS); // a pipeline alone has eight; Node warns from eleven on
      pipeline(file.createReadStream(part ?? {}), visit.response).catch((error: unknown) => {
        if (!visit.response.destroyed) visit.response.destroy();
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ERR_STREAM_PREMATURE_CLOSE')
          logger.error({ err: error, ...about(visit, form) }, 'a static file broke off');
      });
    });
    void opened.then((file) => (isLeft() ? file.close() : undefined)).catch(() => {});
  }

  /**
   * Goes on with what has to be waited for, unless the visitor has left or lost its credential meanwhile.
   *
   * @returns whether that was so
   */
  function later<T>(
    visit: FileVisit,
    form: Form | null,
    work: Promise<T>,
    then: (value: T) => void,
  ): () => boolean {
    const hasEnded = tie(visit);
    const isLeft = () => hasEnded() || visit.response.destroyed;
    work.then(
      (value) => {
        if (!isLeft()) then(value);
      },
      (error: unknown) => {
        logger.error({ err: error, ...about(visit, form) }, 'a static file cannot be served');
        if (!isLeft()) visit.refuse(refusalFor(error));
      },
    );
    return isLeft;
  }

  return {
    answer(visit) {
      const version = reader.listed(visit.files);
      if (version !== undefined) answerFrom(visit, version);
      else later(visit, null, reader.list(visit.files), (read) => answerFrom(visit, read));
    },
  };
}

/** Breaks the answer off when the credential ends. @returns whether it has */
function tie({ admission, response, refuse, credentialEnded }: FileVisit): () => boolean {
  if (admission === null) return () => false;
  let hasEnded = false;
  const tether = admission.tethers.tie(admission.ended, {
    end() {
      hasEnded = true;
      if (response.headersSent) response.destroy();
      else refuse(credentialEnded());
    },
  });
  response.once('close', () => tether.untie());
  return () => hasEnded;
}

function redirect({ response, isPrivate, underPathMount }: FileVisit, location: string): void {
  const head = ['location', location, 'content-length', '0'];
  const cache = ['cache-control', isPrivate ? 'private, no-cache' : 'no-cache'];
  response.writeHead(308, [...head, ...cache, ...fence(underPathMount)]).end();
}

function about({ files }: FileVisit, form: Form | null) {
  return { version: files.prefix, ...(form === null ? {} : { file: form.from }) };
}

function noSuchFile() {
  return nodeError('file_unknown', {
    what: 'There is no such page',
    why: 'the site has no file under this address',
    hint: 'Begin at its first page: /',
  });
}

/** Where things lie in the store is nothing for a visitor. */
function refusalFor(error: unknown): unknown {
  const isDamage =
    error instanceof TabbifyError && ['digest_mismatch', 'object_unknown'].includes(error.code);
  if (!isDamage) return error;
  return nodeError('file_damaged', {
    what: 'This file is not served',
    why: 'what is stored is not what was published',
    hint: 'Push the app again; the log of the office says which file it is',
    cause: error,
  });
}
