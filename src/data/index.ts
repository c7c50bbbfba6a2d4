export { createAppApi } from './app-api/app-api.ts';
export { createDataHandler, type DataHandler } from './app-api/data-handler.ts';
export { createDataClient, type DataClient, type DataClientOptions } from './client/data-client.ts';
export { endAllData, removeAppData } from './client/end-process.ts';
export { dataFolder, dataSocket } from './client/layout.ts';
export type { DataProgram } from './client/start-process.ts';
export { type StoredBytes, storedBytes } from './client/stored-bytes.ts';
export { boundDataProgram, DATA_PROGRAM, laidDownDataProgram, ownDataProgram } from './data-program.ts';
export type { FileCode } from './files/file-failure.ts';
export { type FilesLink, openFilesLink } from './files/files-link.ts';
export {
  type FileKind,
  type FileReply,
  type FileRequest,
  type FileStat,
  type FileSync,
  type FolderEntry,
  type NewTime,
  ROOT_HANDLE,
} from './files/requests.ts';
export { MAX_FILE_CHUNK_BYTES } from './limits.ts';
