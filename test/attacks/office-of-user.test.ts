import { attackOffice } from './expected.ts';

attackOffice(process.getuid?.() === 0 ? 'attacks-once' : 'attacks', false);
