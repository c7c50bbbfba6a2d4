export { createAppApi } from './app-api/app-api.ts';
export { createDataHandler, type DataHandler } from './app-api/data-handler.ts';
export { createDataClient, type DataClient, type DataClientOptions } from './client/data-client.ts';
export { endAllData, removeAppData } from './client/end-process.ts';
export { dataFolder, dataSocket } from './client/layout.ts';
export type { DataProgram } from './client/start-process.ts';
export { boundDataProgram, DATA_PROGRAM, laidDownDataProgram, ownDataProgram } from './data-program.ts';
export { type AppData, openAppData } from './open-app-data.ts';
