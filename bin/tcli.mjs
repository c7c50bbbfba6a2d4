#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trampoline } from '../bootstrap/trampoline.mjs';

const bin = fileURLToPath(import.meta.url);
await trampoline(bin, join(dirname(bin), '..', 'src', 'cli', 'tcli.ts'));
