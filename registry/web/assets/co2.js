// Keeps a page of a co2 relay up to date while it is looked at, and shows its
// times as the reader's clock does. Without this script the page is the same,
// as of when it was loaded.

import { showTimes, keepAges } from './times.js';
import { Live } from './live.js';

showTimes(document.body);
keepAges();
if (document.body.hasAttribute('data-live') && 'EventSource' in window) {
  new Live(document.getElementById('main')).start();
}
