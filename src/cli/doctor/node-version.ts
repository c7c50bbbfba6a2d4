import { type Check, fine, problemFound } from './check.ts';

/** Type stripping, `node:sqlite` and JSPI without flags need it (DESIGN decision 1). */
const NEEDED_MAJOR = 26;

export const nodeVersion: Check = {
  name: 'Node',
  async look() {
    const { node } = process.versions;
    if (Number.parseInt(node, 10) >= NEEDED_MAJOR)
      return fine('Node', `${node}, ${process.platform} ${process.arch}`);
    return problemFound(
      'Node',
      `${node} is too old`,
      `Run \`npm ci\` in the clone: it brings Node ${NEEDED_MAJOR}.`,
    );
  },
};
