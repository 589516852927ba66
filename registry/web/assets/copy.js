// Gives the texts of a page that are there to be copied a button that does it.

// addCopyButtons does so for all in root. data-copy says what the text is.
export function addCopyButtons(root) {
  for (const text of root.querySelectorAll('[data-copy]')) text.before(bar(text));
}

function bar(text) {
  const button = document.createElement('button'), what = document.createElement('span'), status = document.createElement('span');
  button.type = 'button';
  what.className = 'unseen';
  what.textContent = ' ' + text.dataset.copy;
  button.append('Copy', what);
  status.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    for (const other of document.querySelectorAll('.copying [role=status]')) other.textContent = '';
    const done = await copy(text);
    button.focus();
    status.textContent = done ? 'Copied ' + text.dataset.copy + '.' : 'It is selected: copy it with the keyboard.';
  });
  const made = document.createElement('p');
  made.className = 'copying small';
  made.append(button, ' ', status);
  return made;
}

// copy reports whether the text is on the clipboard. Browsers let pages write
// there by name only if they came by HTTPS or from this machine; all others
// pretend that the reader has pressed the keys.
async function copy(text) {
  const words = text.value ?? text.textContent;
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    select(text);
    const put = (ev) => { ev.clipboardData.setData('text/plain', words); ev.preventDefault(); };
    document.addEventListener('copy', put);
    const done = document.execCommand('copy');
    document.removeEventListener('copy', put);
    return done;
  }
}

function select(text) {
  if ('select' in text) {
    text.select();
    return;
  }
  const chosen = getSelection();
  chosen.removeAllRanges();
  chosen.selectAllChildren(text);
}
