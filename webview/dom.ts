/** Makes elements in one expression; nothing here knows a page. */

export type Child = Node | string | undefined;

export interface ElementOptions {
  class?: string;
  text?: string;
  /** Accessible name. */
  label?: string;
  /** Tooltip. */
  title?: string;
  id?: string;
  attributes?: Readonly<Record<string, string>>;
  onClick?: (event: MouseEvent) => void;
}

/** Creates an HTML element. `undefined` children are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  applyOptions(node, options);
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Applies the same options to an element that exists, e.g. a custom one. */
export function applyOptions(node: HTMLElement, options: ElementOptions): void {
  if (options.class !== undefined) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  if (options.label !== undefined) node.setAttribute('aria-label', options.label);
  if (options.title !== undefined) node.title = options.title;
  if (options.id !== undefined) node.id = options.id;
  for (const [name, value] of Object.entries(options.attributes ?? {})) node.setAttribute(name, value);
  if (options.onClick !== undefined) node.addEventListener('click', options.onClick);
}

/** A quiet native button that looks like text until it is pointed at or focused. */
export function quietButton(
  options: ElementOptions & { onClick: (event: MouseEvent) => void },
  ...children: Child[]
): HTMLButtonElement {
  const { class: extra, ...rest } = options;
  const node = element('button', { ...rest, class: extra === undefined ? 'quiet' : `quiet ${extra}` });
  node.type = 'button';
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Writes text only where it differs, so that nothing is laid out again for nothing. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** For the end of an exhaustive switch. Throws if it is ever reached. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
