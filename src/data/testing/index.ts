export { type ApiClient, callApi } from './api-client.ts';
export { dataFolderForTest } from './data-folder.ts';
