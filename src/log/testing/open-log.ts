import { openSqliteLog } from '../sqlite/open.ts';

/** A process of its own that opens the log named in its arguments, printing `opening` before and `open` after. */
process.stdout.write('opening\n');
const log = await openSqliteLog({ file: String(process.argv[2]) });
process.stdout.write('open\n');
await log.close();
