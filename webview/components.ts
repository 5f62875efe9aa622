/**
 * The toolkit's controls, as plain elements with standard properties and events: the one module that knows it.
 * Each kind has a one-to-one successor elsewhere, so that a change of toolkit ends here.
 * It copies the theme's variables on window `load`: the page's script must be deferred, not asynchronous.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDivider,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { applyOptions, type Child, type ElementOptions } from './dom';

export type ButtonElement = HTMLElement & { disabled: boolean };
export type TextFieldElement = HTMLElement & {
  value: string;
  disabled: boolean;
  placeholder: string;
  select(): void;
};
export type TextAreaElement = HTMLElement & {
  value: string;
  disabled: boolean;
  placeholder: string;
  rows: number;
};
export type CheckboxElement = HTMLElement & { checked: boolean; disabled: boolean };
export type DropdownElement = HTMLElement & { value: string; disabled: boolean };
export type OptionElement = HTMLElement & { value: string; selected: boolean; disabled: boolean };
export type RadioElement = HTMLElement & { value: string; checked: boolean; disabled: boolean };
export type RadioGroupElement = HTMLElement & { value: string; disabled: boolean };

/** Defines the custom elements. Call once, before any of them is made. */
export function registerComponents(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDivider(),
    vsCodeDropdown(),
    vsCodeLink(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeRadio(),
    vsCodeRadioGroup(),
    vsCodeTextArea(),
    vsCodeTextField(),
  );
}

function control<Control extends HTMLElement>(
  tag: string,
  options: ElementOptions,
  properties: Partial<Control>,
  children: Child[] = [],
): Control {
  const node = document.createElement(tag) as unknown as Control;
  applyOptions(node, options);
  node.append(...children.filter((child) => child !== undefined));
  return Object.assign(node, properties);
}

/** A push button. `look` primary for the one main action of a group. */
export function button(
  options: ElementOptions & { look?: 'primary' | 'secondary' | 'icon'; disabled?: boolean },
  ...children: Child[]
): ButtonElement {
  const node = control<ButtonElement>('vscode-button', options, {}, children);
  node.setAttribute('appearance', options.look ?? 'secondary');
  if (options.disabled === true) node.disabled = true;
  return node;
}

/** A single line of text. Listen to `input` and `change`. */
export function textField(
  options: ElementOptions & { value?: string; placeholder?: string },
): TextFieldElement {
  const { value = '', placeholder = '' } = options;
  return control<TextFieldElement>('vscode-text-field', options, { value, placeholder });
}

/** Several lines of text. Listen to `input`. */
export function textArea(
  options: ElementOptions & { value?: string; placeholder?: string; rows?: number },
): TextAreaElement {
  const { value = '', placeholder = '', rows = 2 } = options;
  const node = control<TextAreaElement>('vscode-text-area', options, { value, placeholder, rows });
  node.setAttribute('resize', 'none');
  return node;
}

/**
 * Replaces the text of a text area at once. Setting `value` alone reaches the inner field a frame later, and what is
 * typed until then would be added to the old text.
 */
export function setAreaText(area: TextAreaElement, text: string): void {
  area.value = text;
  const inner = area.shadowRoot?.querySelector('textarea');
  if (inner) inner.value = text;
}

/** The text before the caret; undefined while something is selected. */
export function textBeforeCaret(area: TextAreaElement): string | undefined {
  const inner = area.shadowRoot?.querySelector('textarea');
  if (!inner || inner.selectionStart !== inner.selectionEnd) return undefined;
  return inner.value.slice(0, inner.selectionStart);
}

/** Replaces the `length` characters before the caret, and leaves the caret behind the new ones. */
export function replaceBeforeCaret(area: TextAreaElement, length: number, text: string): void {
  const inner = area.shadowRoot?.querySelector('textarea');
  if (!inner) return;
  const end = inner.selectionStart;
  inner.setRangeText(text, Math.max(0, end - length), end, 'end');
  area.value = inner.value;
}

/** Focuses a text area with the caret behind its text. */
export function caretToEnd(area: TextAreaElement): void {
  area.focus();
  const inner = area.shadowRoot?.querySelector('textarea');
  inner?.setSelectionRange(area.value.length, area.value.length);
}

/** A check box with its label as child. Listen to `change`. */
export function checkbox(
  options: ElementOptions & { checked?: boolean },
  ...children: Child[]
): CheckboxElement {
  return control<CheckboxElement>(
    'vscode-checkbox',
    options,
    { checked: options.checked ?? false },
    children,
  );
}

/** A closed list of `option`s. Set `value` once they are in it. Listen to `change`. */
export function dropdown(options: ElementOptions, ...children: OptionElement[]): DropdownElement {
  return control<DropdownElement>('vscode-dropdown', options, {}, children);
}

/** An entry of a dropdown. */
export function option(value: string, label: string): OptionElement {
  const node = control<OptionElement>('vscode-option', { text: label, attributes: { value } }, {});
  return node;
}

/** A set of radios of which one is chosen. Listen to `change`. */
export function radioGroup(options: ElementOptions, ...children: Child[]): RadioGroupElement {
  return control<RadioGroupElement>('vscode-radio-group', options, {}, children);
}

/** One of a radio group. */
export function radio(value: string, label: string): RadioElement {
  return control<RadioElement>('vscode-radio', { text: label, attributes: { value } }, {});
}

/** A link; give it `onClick`, since pages navigate nowhere. */
export function link(options: ElementOptions, ...children: Child[]): HTMLElement {
  const node = control<HTMLElement>('vscode-link', options, {}, children);
  node.setAttribute('href', '#');
  node.addEventListener('click', (event) => event.preventDefault());
  return node;
}

/** A thin line between two parts. */
export function divider(): HTMLElement {
  return control<HTMLElement>('vscode-divider', {}, {});
}

/** Work of unknown length. `label` says which. */
export function progressRing(label: string): HTMLElement {
  return control<HTMLElement>('vscode-progress-ring', { label }, {});
}
