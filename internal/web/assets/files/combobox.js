// Turns a search select into a combobox (ARIA 1.2: the focus stays in the box, aria-activedescendant names the entry).
// The directory answers data-lookup?q=… with {"items":[{"code","name","note"}],"message"}.
const PAUSE = 200; // ms of rest before asking
const TOP = 20;

for (const field of document.querySelectorAll('[data-lookup]')) if (field.dataset.lookup) combobox(field);

function combobox(field) {
  const box = field.querySelector('input[type=text]');
  const status = field.querySelector('[data-lookup-status]');
  const list = document.createElement('ul');
  const code = document.createElement('input');
  let items = [], at = -1, timer = 0, asked = 0;

  code.type = 'hidden';
  code.name = field.dataset.name;
  code.value = field.dataset.code;
  if (code.value && !box.value) box.value = field.dataset.chosen;
  const found = field.querySelector('.found');
  const unanswered = found && !code.value; // results of Find that wait for a choice stay as they are
  if (unanswered) return;
  found?.remove();
  field.querySelector('button[type=submit]').hidden = true;

  list.id = box.id + '-list';
  list.className = 'list';
  list.hidden = true;
  for (const [name, value] of Object.entries({ role: 'listbox', 'aria-label': field.dataset.listLabel })) list.setAttribute(name, value);
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) box.setAttribute(name, value);
  box.after(list);
  field.append(code);

  box.addEventListener('input', () => {
    code.value = '';
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener('keydown', key);
  box.addEventListener('blur', close);
  list.addEventListener('mousedown', (e) => e.preventDefault()); // keeps the focus in the box
  list.addEventListener('click', (e) => {
    const entry = e.target.closest('[role=option]');
    if (entry) choose([...list.children].indexOf(entry));
  });

  async function ask() {
    const mine = ++asked;
    const query = box.value.trim();
    if (!query) { items = []; status.textContent = ''; return close(); }
    try {
      const address = new URL(field.dataset.lookup, location.href);
      address.searchParams.set('q', query);
      const answer = await fetch(address, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (mine !== asked || document.activeElement !== box) return;
      items = told.items.slice(0, TOP);
      status.textContent = told.message ?? '';
      show();
    } catch {
      if (mine === asked) fallBack();
    }
  }

  // The directory does not answer: the plain way, Find, works without it.
  function fallBack() {
    close();
    field.querySelector('button[type=submit]').hidden = false;
  }

  function show() {
    at = -1;
    list.replaceChildren(...items.map((item, i) => {
      const entry = document.createElement('li');
      entry.id = list.id + i;
      entry.setAttribute('role', 'option');
      entry.setAttribute('aria-selected', 'false');
      entry.textContent = item.name;
      if (item.note) {
        const note = document.createElement('small');
        note.textContent = item.note;
        entry.append(note);
      }
      return entry;
    }));
    open(items.length > 0);
  }

  function open(yes) {
    list.hidden = !yes;
    box.setAttribute('aria-expanded', String(yes));
    if (!yes) { at = -1; box.removeAttribute('aria-activedescendant'); }
  }

  function close() { open(false); }

  function move(to) {
    if (!items.length) return;
    if (list.hidden) open(true);
    list.children[at]?.setAttribute('aria-selected', 'false');
    at = (to + items.length) % items.length;
    const entry = list.children[at];
    entry.setAttribute('aria-selected', 'true');
    entry.scrollIntoView({ block: 'nearest' });
    box.setAttribute('aria-activedescendant', entry.id);
  }

  function choose(i) {
    box.value = items[i].name;
    code.value = items[i].code;
    status.textContent = '';
    close();
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function key(e) {
    const shut = list.hidden;
    if (e.key === 'ArrowDown') move(shut ? 0 : at + 1);
    else if (e.key === 'ArrowUp') move(shut || at < 0 ? items.length - 1 : at - 1);
    else if (e.key === 'Enter' && !shut && at >= 0) choose(at);
    else if (e.key === 'Escape' && !shut) close();
    else if (e.key === 'Escape' && box.value) { box.value = code.value = ''; asked++; clearTimeout(timer); return; }
    else return;
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp' || items.length) e.preventDefault();
  }
}
