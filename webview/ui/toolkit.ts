/** The one door to `@vscode/webview-ui-toolkit`: makes its controls, which `controls.ts` registers, before or after. */
import { icon, type IconName } from './icons';

export type Control = HTMLElement;

/** A button that opens a menu; where room is short, its icon stands for its label. */
export function menuButton(name: IconName, label: string, press: () => void): Control {
  const control = button('', 'secondary', press);
  control.classList.add('menu-button');
  control.setAttribute('aria-label', label);
  control.title = label;
  // No span: the toolkit gives those the size of an icon.
  const text = document.createElement('div');
  text.className = 'label';
  text.textContent = label;
  control.append(icon(name), text);
  const arrow = icon('down');
  arrow.classList.add('arrow');
  arrow.setAttribute('slot', 'end');
  control.append(arrow);
  return control;
}

export function button(label: string, appearance: 'primary' | 'secondary', press: () => void): Control {
  const control = document.createElement('vscode-button');
  control.setAttribute('appearance', appearance);
  control.textContent = label;
  control.addEventListener('click', press);
  return control;
}

export function iconButton(name: IconName, label: string, press: (event: Event) => void): Control {
  const control = document.createElement('vscode-button');
  control.setAttribute('appearance', 'icon');
  control.setAttribute('aria-label', label);
  control.title = label;
  control.append(icon(name));
  control.addEventListener('click', press);
  return control;
}

export interface DropdownControl {
  readonly element: Control;
  /** Replaces the options where they differ, and selects one. */
  readonly set: (options: readonly string[], selected: number) => void;
}

export function dropdown(label: string, choose: (index: number) => void): DropdownControl {
  const element = document.createElement('vscode-dropdown') as HTMLElement & { selectedIndex: number | undefined };
  element.setAttribute('aria-label', label);
  element.title = label;
  element.addEventListener('change', () => {
    if (element.selectedIndex !== undefined) choose(element.selectedIndex);
  });
  let shown: string | undefined;
  return {
    element,
    set: (options, selected) => {
      const key = options.join('\n');
      if (key !== shown) {
        shown = key;
        element.replaceChildren(
          ...options.map((text, i) => {
            const option = document.createElement('vscode-option');
            option.setAttribute('value', String(i));
            if (i === selected) option.setAttribute('selected', '');
            option.textContent = text;
            return option;
          }),
        );
      }
      if (element.selectedIndex !== selected && element.selectedIndex !== undefined) element.selectedIndex = selected;
    },
  };
}

export interface CheckboxControl {
  readonly element: Control;
  readonly set: (checked: boolean) => void;
}

export function checkbox(label: string, toggle: () => void): CheckboxControl {
  const element = document.createElement('vscode-checkbox') as HTMLElement & { checked: boolean };
  element.textContent = label;
  let expected = false;
  element.addEventListener('change', () => {
    // The control also reports what the program sets.
    if (element.checked !== expected) toggle();
  });
  return {
    element,
    set: (checked) => {
      expected = checked;
      if (element.checked !== checked) element.checked = checked;
    },
  };
}

export function progressRing(label: string): Control {
  const control = document.createElement('vscode-progress-ring');
  control.setAttribute('aria-label', label);
  // The control calls itself "Loading" as it enters the page.
  queueMicrotask(() => {
    control.setAttribute('aria-label', label);
  });
  return control;
}
