export { LENDER, madeOnce } from './made-once.ts';
