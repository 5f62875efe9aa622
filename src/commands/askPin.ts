import * as vscode from 'vscode';
import { parseNumberInput, pinQuestion, type PinName, type PinQuestion, type PinValue } from './pins';

/** Asks a person for the value of a variable, in a box or a list. undefined: dismissed. */
export async function askPin(
  name: PinName,
  file: { totalLayers: number; trainContextSize: number },
  before: PinValue,
): Promise<{ value: PinValue } | undefined> {
  const question = pinQuestion(name, file, vscode.l10n.t);
  return question.kind === 'choice' ? await askChoice(question) : await askNumber(question, before);
}

async function askChoice({
  title,
  values,
}: Extract<PinQuestion, { kind: 'choice' }>): Promise<{ value: PinValue } | undefined> {
  const items = [
    ...values.map((value) => ({ label: value, value })),
    { label: vscode.l10n.t('Solve it'), value: null },
  ];
  return await vscode.window.showQuickPick<(typeof items)[number]>(items, { title });
}

async function askNumber(
  { title, prompt, bounds }: Extract<PinQuestion, { kind: 'number' }>,
  before: PinValue,
): Promise<{ value: PinValue } | undefined> {
  const parse = (text: string) => parseNumberInput(text, bounds, vscode.l10n.t);
  const input = await vscode.window.showInputBox({
    ...{ title, prompt },
    value: before === null ? '' : String(before),
    placeHolder: vscode.l10n.t('Solve it'),
    validateInput: (text) => {
      const parsed = parse(text);
      return parsed.kind === 'problem' ? parsed.message : undefined;
    },
  });
  const parsed = input === undefined ? undefined : parse(input);
  return parsed?.kind === 'value' ? parsed : undefined;
}
