import { kv } from '@tabbify/sdk';
import { notesApi } from './notes.ts';

export default notesApi(kv);
