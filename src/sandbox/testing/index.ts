export { type Start, startOf } from './as-ordinary-user.ts';
