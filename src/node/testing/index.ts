export { approve, untilHeld } from './approvals.ts';
export { OTHER, TINY } from './apps.ts';
export { type Answer, type RunningNode, startTestNode } from './running-node.ts';
