/** Registers the toolkit's controls: what their tags are until then takes clicks already, and has no look. */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
  );
  // The toolkit takes up the theme when the page has loaded, and would wait for that for ever once it has.
  if (document.readyState === 'complete') window.dispatchEvent(new Event('load'));
}
