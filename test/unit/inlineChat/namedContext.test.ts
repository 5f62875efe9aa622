import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../src/chat/chatApi';
import { NamedContext } from '../../../src/inlineChat/namedContext';

function stand() {
  const asked: string[] = [];
  const named = new NamedContext({
    resolve: (text) => {
      asked.push(text);
      const path = text.slice(text.indexOf(':') + 1);
      const attachment: Attachment = {
        ...{
          id: String(asked.length),
          label: path,
          path,
          uri: `file:///${path}`,
          languageId: '',
          text: path,
        },
      };
      if (path === 'no.ts')
        return Promise.resolve({ text, attachments: [], problems: ['no.ts was not found.'] });
      return Promise.resolve({ text, attachments: [attachment], problems: [] });
    },
  });
  return { named, asked };
}
const paths = (attachments: readonly Attachment[]) => attachments.map(({ path }) => path);

describe('what is named in a message that is being written', () => {
  it('is looked up once it is typed to its end, and not again', async () => {
    const { named, asked } = stand();
    expect(paths(await named.preview('as in @file:a.t'))).toEqual([]);
    expect(paths(await named.preview('as in @file:a.ts now'))).toEqual(['a.ts']);
    expect(paths(await named.preview('as in @file:a.ts now and @file:b.ts'))).toEqual(['a.ts']);
    const taken = await named.take('as in @file:a.ts now and @file:b.ts');
    expect(asked).toEqual(['@file:a.ts', '@file:b.ts']);
    expect(paths(taken.attachments)).toEqual(['a.ts', 'b.ts']);
    expect(taken.text).toBe('as in a.ts now and b.ts');
  });

  it('is looked up anew in the next message', async () => {
    const { named, asked } = stand();
    await named.take('@file:a.ts');
    await named.take('@file:a.ts');
    expect(asked).toEqual(['@file:a.ts', '@file:a.ts']);
  });

  it('goes along once, however often it is named, and what is missing is told', async () => {
    const { attachments, problems } = await stand().named.take('@file:a.ts, @file:no.ts and @file:a.ts');
    expect(paths(attachments)).toEqual(['a.ts']);
    expect(problems).toEqual(['no.ts was not found.']);
  });
});
