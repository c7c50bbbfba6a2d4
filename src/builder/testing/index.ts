export { buildNpmApp } from './npm-app.ts';
