import { MANIFEST_FILE, type Manifest, parseManifest } from '../app/index.ts';
import { agentError } from './errors.ts';
import { type Budget, DEFAULT_BUDGET } from './loop/budget.ts';
import type { LoopEvent } from './loop/loop.ts';
import type { Model } from './model/model.ts';
import { slugForOutcome } from './naming.ts';
import type { Platform, PushedApp } from './platform.ts';
import { type Right, rightsOf } from './rights.ts';
import { chooseStarter } from './starters/registry.ts';
import { newWorkspace } from './workspace/new-workspace.ts';
import type { Workspace, WorkspaceFile } from './workspace/workspace.ts';
import { writeWithModel } from './write-with-model.ts';

/** Shown in segments before anybody has been asked which office it is. */
const FIRST_OFFICE = 'default';

/** What a person decides about: files that passed the check, and what the app may do. */
export interface Draft {
  readonly dir: string;
  readonly name: string;
  readonly files: readonly WorkspaceFile[];
  readonly rights: readonly Right[];
  /** Content of one of the files. */
  read(path: string): Promise<string>;
}

/** What happens in a chat, in order. */
export type ChatEvent =
  | {
      readonly type: 'starter-chosen';
      readonly starter: string;
      readonly title: string;
      readonly name: string;
    }
  | { readonly type: 'model-asked'; readonly model: string; readonly name: string }
  | LoopEvent
  | { readonly type: 'checking' }
  | { readonly type: 'drafted'; readonly draft: Draft }
  | { readonly type: 'pushing' }
  | { readonly type: 'pushed'; readonly app: PushedApp };

export type ChatResult =
  | { readonly status: 'answers'; readonly app: PushedApp; readonly httpStatus: number; readonly dir: string }
  | { readonly status: 'declined'; readonly dir: string };

export interface ChatOptions {
  /** What the person wants, in their words. */
  readonly outcome: string;
  /** Null: a starter is used. */
  readonly model: Model | null;
  readonly platform: Platform;
  /** Folder that workspaces are made in. */
  readonly workspaces: string;
  /** A person's yes or no. Nothing is pushed without it. */
  readonly approve: (draft: Draft) => Promise<boolean>;
  readonly emit: (event: ChatEvent) => void;
  readonly signal: AbortSignal;
  readonly budget?: Budget;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * From an outcome to an app that answers: write, check, let a person decide, push, ask the app's front door.
 *
 * @throws TabbifyError of the model, the check or the platform; nothing is pushed before the person's yes
 */
export async function runChat(options: ChatOptions): Promise<ChatResult> {
  const { platform, signal, emit } = options;
  const starter = chooseStarter(options.outcome);
  const name = slugForOutcome(
    options.outcome,
    await platform.takenNames(),
    starter.name === 'page' ? 'page' : 'small-api',
  );
  const workspace = await newWorkspace(options.workspaces, name);
  if (options.model === null) {
    emit({ type: 'starter-chosen', starter: starter.name, title: starter.title, name });
    for (const [path, content] of Object.entries(starter.files({ outcome: options.outcome, name }))) {
      await workspace.write(path, content);
    }
    emit({ type: 'checking' });
    await checkStarter(workspace, options);
  } else {
    emit({ type: 'model-asked', model: options.model.name, name });
    await writeWithModel({
      outcome: options.outcome,
      name,
      model: options.model,
      workspace,
      platform,
      budget: options.budget ?? DEFAULT_BUDGET,
      signal,
      now: options.now ?? Date.now,
      emit,
    });
  }
  const draft = await draftOf(workspace);
  emit({ type: 'drafted', draft });
  if (!(await options.approve(draft))) return { status: 'declined', dir: workspace.root };
  signal.throwIfAborted();
  emit({ type: 'pushing' });
  const app = await platform.push(workspace.root, signal);
  emit({ type: 'pushed', app });
  const { status } = await platform.visit(app, signal);
  return { status: 'answers', app, httpStatus: status, dir: workspace.root };
}

async function checkStarter(workspace: Workspace, { platform, signal }: ChatOptions): Promise<void> {
  const report = await platform.check(workspace.root, signal);
  if (report.ok) return;
  throw agentError('draft_invalid', {
    what: 'The starter does not pass the check',
    why: report.text,
    hint: `This is a fault of the platform; \`tabbify doctor\` may name it. The files are in ${workspace.root}.`,
  });
}

/** Reads the manifest as it lies there: what a person is shown never comes from a model's words. */
async function draftOf(workspace: Workspace): Promise<Draft> {
  const { manifest, diagnostics } = parseManifest(await workspace.read(MANIFEST_FILE), {
    file: MANIFEST_FILE,
  });
  if (manifest === null) {
    throw agentError('draft_invalid', {
      what: `${MANIFEST_FILE} has errors`,
      why: diagnostics.map((each) => `line ${each.line}: ${each.message}`).join('\n'),
      hint: `Mend it in ${workspace.root} and \`tcli push\` that folder.`,
    });
  }
  return draft(workspace, manifest, await workspace.list());
}

function draft(workspace: Workspace, manifest: Manifest, files: readonly WorkspaceFile[]): Draft {
  return {
    dir: workspace.root,
    name: manifest.app.name,
    files,
    rights: rightsOf(manifest, FIRST_OFFICE),
    read: (path) => workspace.read(path),
  };
}
