import { cliError } from '../errors.ts';

/**
 * `--bucket` and `--region` choose the object storage in S3, which this version of the office does not have:
 * it keeps versions in a folder of its home. Saying so beats pushing somewhere else than was asked.
 */
export function refuseStoreFlags(options: { readonly bucket?: string; readonly region?: string }): void {
  const given = [
    options.bucket && `--bucket ${options.bucket}`,
    options.region && `--region ${options.region}`,
  ].filter(Boolean);
  if (given.length === 0) return;
  throw cliError('usage', {
    what: `This office cannot push with ${given.join(' ')}`,
    why: 'it keeps versions in a folder under its home; object storage in S3 comes in a later version',
    hint: 'Leave out --bucket and --region.',
  });
}
