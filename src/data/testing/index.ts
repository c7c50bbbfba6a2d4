export { type AppData, openAppData } from './open-app-data.ts';
