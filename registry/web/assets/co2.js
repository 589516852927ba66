// Keeps a page of a co2 relay up to date while it is looked at, shows its times
// as the reader's clock does, and gives programs a button to copy them. Without
// this script the page is the same, as of when it was loaded.

import { addCopyButtons } from './copy.js';
import { showTimes, keepAges } from './times.js';
import { Live } from './live.js';

showTimes(document.body);
addCopyButtons(document.body);
keepAges();
if (document.body.hasAttribute('data-live') && 'EventSource' in window) {
  new Live(document.getElementById('main')).start();
}
