import type { ActiveEditor } from '../chat/codeActions';
import type { TerminalRecorder } from '../terminal/terminalRecorder';
import { askPerson, type AskPermission } from './askPermission';
import type { ContextSources } from './contextSources';
import { DiffSource } from './diffSource';
import { FileReader } from './fileReader';
import { FileSource } from './fileSource';
import { FolderSource } from './folderSource';
import { Mentions } from './mentions';
import { ProblemsSource } from './problemsSource';
import { ProjectFiles } from './projectFiles';
import { SelectionSource } from './selectionSource';
import { SymbolSource } from './symbolSource';
import { TerminalSource } from './terminalSource';

export interface ContextParts {
  editors: ActiveEditor;
  terminal: Pick<TerminalRecorder, 'last' | 'shellIntegration'>;
}

/**
 * All that a person can name as context, of this window.
 * @param ask whether something may go into a prompt that may not do so unasked
 */
export function createContext(
  { editors, terminal }: ContextParts,
  ask: AskPermission = askPerson,
): ContextSources {
  const project = new ProjectFiles();
  const reader = new FileReader(project, ask);
  return new Mentions([
    new SelectionSource(editors, reader),
    new ProblemsSource(project, editors),
    new DiffSource(),
    new TerminalSource(terminal),
    new FileSource(project, reader),
    new FolderSource(project, reader),
    new SymbolSource(project, editors, reader),
  ]);
}
