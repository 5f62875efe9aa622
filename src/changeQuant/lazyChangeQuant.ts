import type { ChangeQuantCommand, ChangeQuantParts } from './registerChangeQuant';
import { rememberedFolders } from './rememberedFolders';

/** The command, loaded when it is first run, or where a crash left something behind. */
export function lazyChangeQuant(parts: ChangeQuantParts): ChangeQuantCommand['run'] {
  let loading: Promise<ChangeQuantCommand> | undefined;
  const load = () =>
    (loading ??= import('./registerChangeQuant').then((module) => module.registerChangeQuant(parts)));
  if (rememberedFolders(parts.memory).length > 0) void load().then((command) => command.clean());
  return async (of) => (await load()).run(of);
}
