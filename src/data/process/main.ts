import { fileURLToPath } from 'node:url';
import { runDataProcess } from './run-data-process.ts';
import { runSql } from './run-sql.ts';

const SQL = '--sql=';
const sqlPath = process.argv[2]?.startsWith(SQL) ? process.argv[2].slice(SQL.length) : null;

if (sqlPath === null) await runDataProcess(fileURLToPath(import.meta.url));
else runSql(sqlPath);
