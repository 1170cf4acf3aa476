/** The pages of the inspector: a row of tabs, and one page. */
import { INSPECTOR_TABS, type InspectorTab } from '../choices';
import { t } from '../l10n';
import { el, setAttribute, show } from './dom';

export interface Tabs {
  readonly element: HTMLElement;
  /** Where each page's content goes. */
  readonly pages: Readonly<Record<InspectorTab, HTMLElement>>;
  readonly show: (tab: InspectorTab) => void;
}

const names: () => Readonly<Record<InspectorTab, string>> = () => ({
  values: t('Values'),
  cell: t('Cell'),
  why: t('Why'),
  lines: t('Lines'),
});

export function createTabs(choose: (tab: InspectorTab) => void): Tabs {
  const name = names();
  const panel = (tab: InspectorTab): string => `inspector-${tab}`;
  const all = INSPECTOR_TABS.map((tab) => {
    const button = el(
      'button',
      { type: 'button', role: 'tab', id: `${panel(tab)}-tab`, 'aria-controls': panel(tab) },
      name[tab],
    );
    button.addEventListener('click', () => {
      choose(tab);
    });
    const page = el('div', {
      class: `page page-${tab}`,
      role: 'tabpanel',
      id: panel(tab),
      'aria-labelledby': button.id,
    });
    return { tab, button, page };
  });
  const list = el(
    'div',
    { class: 'inspector-tabs', role: 'tablist', 'aria-label': t('Inspector') },
    ...all.map(({ button }) => button),
  );
  list.addEventListener('keydown', ({ key, ctrlKey, altKey, metaKey }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (by === undefined || ctrlKey || altKey || metaKey) return;
    const at = all.findIndex(({ button }) => button === document.activeElement);
    const next = all[(at + by + all.length) % all.length];
    if (at < 0 || next === undefined) return;
    choose(next.tab);
    next.button.focus();
  });
  const element = el(
    'aside',
    { class: 'inspector', 'aria-label': t('Inspector') },
    list,
    ...all.map(({ page }) => page),
  );
  return {
    element,
    pages: Object.fromEntries(all.map(({ tab, page }) => [tab, page])) as unknown as Tabs['pages'],
    show: (chosen) => {
      setAttribute(element, 'data-tab', chosen);
      for (const { tab, button, page } of all) {
        setAttribute(button, 'aria-selected', String(tab === chosen));
        button.tabIndex = tab === chosen ? 0 : -1;
        show(page, tab === chosen);
      }
    },
  };
}
