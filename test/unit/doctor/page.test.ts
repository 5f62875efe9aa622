import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkIds, doctorActions } from '../../../src/protocol/doctor';
import { parseDoctorEvent } from '../../../webview/doctor/parse';
import { placeholderNames } from '../../../webview/messageFormat';

const root = new URL('../../../', import.meta.url);
const readTable = (file: string) =>
  JSON.parse(readFileSync(new URL(`media/l10n/${file}`, root), 'utf8')) as Record<string, string>;
const en = readTable('doctor.en.json');
const ar = readTable('doctor.ar.json');

describe('the tables of the doctor page', () => {
  it('have the same keys and placeholders', () => {
    expect(Object.keys(ar)).toEqual(Object.keys(en));
    for (const [key, text] of Object.entries(en)) {
      expect([key, placeholderNames(ar[key] ?? '')]).toEqual([key, placeholderNames(text)]);
    }
  });

  it('are translated, abbreviations apart', () => {
    expect(Object.keys(en).filter((key) => en[key] === ar[key])).toEqual(['check.vram', 'check.ram']);
  });

  it('name every check and every action', () => {
    for (const id of checkIds) expect(en).toHaveProperty([`check.${id}`]);
    for (const action of doctorActions) expect(en).toHaveProperty([`action.${action}`]);
  });

  it('hold no string that the page does not use', () => {
    const page = new URL('webview/doctor/', root);
    const source = readdirSync(page)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, page), 'utf8'))
      .join('\n');
    const ids = [
      ...checkIds.map((id) => `check.${id}`),
      ...doctorActions.map((action) => `action.${action}`),
    ];
    const composed = /^(?:step\.(?:machine|plan|question)|stepState\.\w+|source\.\w+)$/;
    const unused = Object.keys(en).filter(
      (key) => !source.includes(`'${key}'`) && !composed.test(key) && !ids.includes(key),
    );
    expect(unused).toEqual([]);
  });
});

describe('what arrives at the page', () => {
  it('is taken as it is', () => {
    const event = {
      kind: 'snapshot',
      running: true,
      steps: [{ id: 'question', state: 'running', fraction: 0.5, reason: undefined }],
      checks: [{ id: 'gpu', value: 'RTX', source: 'told', concern: true }],
      findings: [{ text: 'Do.', action: 'showLog' }],
    };
    expect(parseDoctorEvent(event)).toEqual(event);
    expect(parseDoctorEvent({ kind: 'copied' })).toEqual({ kind: 'copied' });
  });

  it('is made good where it is not', () => {
    expect(parseDoctorEvent({ kind: 'other' })).toBeUndefined();
    expect(
      parseDoctorEvent({
        kind: 'snapshot',
        steps: [{ id: 'x' }, null],
        checks: [{ id: 'swap', source: 'guessed', concern: true }, { id: 'x' }],
        findings: [{ text: 'Do.', action: 'rm' }, {}],
      }),
    ).toEqual({
      kind: 'snapshot',
      running: false,
      steps: [],
      checks: [{ id: 'swap', value: undefined, source: 'notTold', concern: false }],
      findings: [{ text: 'Do.', action: undefined }],
    });
  });
});
