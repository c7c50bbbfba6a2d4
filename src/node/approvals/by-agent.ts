/** Is this actor one that decides nothing by itself? An agent is, and so is an app, whose code an agent may have written. */
export function byAgent(actor: string): boolean {
  return actor.startsWith('agent:') || actor.startsWith('app:');
}
