import { tellErrorsWhole } from './report.ts';

tellErrorsWhole();
