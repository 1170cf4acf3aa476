/** Entry of what the heatmap's page runs once its first picture is there: a script of its own (src/host/page.ts). */
import { registerControls } from './ui/controls';

registerControls();
