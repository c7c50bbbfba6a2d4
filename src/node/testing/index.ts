export { approve, untilHeld } from './approvals.ts';
export { OTHER, TINY, tinyApp } from './apps.ts';
export { type FakeSupervisor, joinFakeSupervisor } from './fake-supervisor.ts';
export { type Answer, type RunningNode, startTestNode } from './running-node.ts';
export { issue, openOffice } from './tokens.ts';
