import type { FileVisit, StaticFiles } from '../edge/static-files.ts';

/** How an answer went, once its connection has no more to do with it. */
export type AnswerOver = (visit: FileVisit, bytes: number) => void;

/**
 * The same static files, of which each answer is told when it is over: also one that is a refusal or breaks off, not one that the app
 * behind the files gives.
 *
 * @param over `bytes`: written to the connection for it, its head included
 */
export function countedFiles(files: StaticFiles, over: AnswerOver): StaticFiles {
  return {
    answer(visit) {
      const { socket } = visit.response;
      const before = socket?.bytesWritten ?? 0;
      let isOurs = true;
      visit.response.once('close', () => {
        if (isOurs) over(visit, Math.max(0, (socket?.bytesWritten ?? before) - before));
      });
      const otherwise = () => {
        isOurs = false;
        visit.otherwise();
      };
      files.answer({ ...visit, otherwise });
    },
  };
}
