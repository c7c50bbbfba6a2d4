export { createAppApi } from './app-api/app-api.ts';
export { createDataHandler, type DataHandler } from './app-api/data-handler.ts';
export { createDataClient, type DataClient, type DataClientOptions } from './client/data-client.ts';
export { endAllData, removeAppData } from './client/end-process.ts';
export { dataFolder, dataSocket } from './client/layout.ts';
export type { DataProgram } from './client/start-process.ts';
export { type AppData, DATA_PROGRAM, openAppData, ownDataProgram } from './open-app-data.ts';
