import { describe, it } from 'vitest';
import { skipWithout } from '../requirements.ts';
import { attackOffice } from './expected.ts';

if (!skipWithout('root', process.getuid?.() === 0)) attackOffice('attacks', true);
else describe('in an office of root', () => void it.skip('is attacked where root runs the tests'));
