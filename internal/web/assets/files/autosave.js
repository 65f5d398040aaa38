// Saves the answers while the reader types. The form says where (data-autosave) and in which words; nothing is called
// saved before the server has said so. Answers of the server: 200 {"version","message"}, 409 {"message","href"}, or
// 409 {"message","compare"}, the value of the button that sends the form and shows both sides.
const PAUSE = 1000; // ms of rest before saving
const LATEST = 2000; // ms after which typing on and on is saved all the same
const PATIENCE = 5000; // ms that a button waits for a saving that is under way

for (const form of document.querySelectorAll('form[data-autosave]')) autosave(form);

function autosave(form) {
  const status = form.querySelector('[data-autosave-status]');
  let timer = 0, since = 0, dirty = false, busy = false, stopped = false, underway = null, waiting = false, pressed = null;

  form.addEventListener('input', changed);
  form.addEventListener('change', changed);
  form.addEventListener('submit', send);
  addEventListener('pageshow', () => { stopped = waiting = false; }); // back from the next page
  document.addEventListener('visibilitychange', () => { if (document.hidden && dirty) save(true); });

  function changed(event) {
    if (event.target.type === 'file') return; // files go with the form itself
    dirty = true;
    const now = Date.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(save, Math.min(PAUSE, Math.max(0, since + LATEST - now)));
  }

  // send lets a saving that is under way end first: the form would carry the version from before it, and the server
  // would take the reader's own answers for somebody else's.
  function send(event) {
    stopped = true;
    clearTimeout(timer);
    if (!busy) return;
    event.preventDefault();
    pressed = event.submitter;
    if (waiting) return;
    waiting = true;
    Promise.race([underway, new Promise((done) => setTimeout(done, PATIENCE))]).then(() => { busy = false; form.requestSubmit(pressed); });
  }

  function answers() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string' && name !== 'idempotency_key') data.append(name, value);
    }
    return data;
  }

  function save(leaving) {
    if (busy || stopped) return;
    clearTimeout(timer);
    busy = true; dirty = false; since = 0;
    underway = post(leaving);
  }

  async function post(leaving) {
    if (!status.firstElementChild) say(form.dataset.saving);
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: 'POST', body: answers(), headers: { Accept: 'application/json' },
        credentials: 'same-origin', keepalive: leaving === true,
      });
      if (answer.status === 409) return conflict(await answer.json());
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = await answer.json();
      const version = form.elements.namedItem('version');
      if (version && saved.version) version.value = saved.version;
      say(saved.message);
    } catch {
      dirty = true;
      failed();
    } finally {
      busy = false;
    }
    if (dirty && !status.querySelector('button') && !stopped) { since = 0; timer = setTimeout(save, PAUSE); }
  }

  function say(text) { status.replaceChildren(text ?? ''); }

  function failed() {
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'link';
    again.textContent = form.dataset.retry;
    again.addEventListener('click', () => { say(form.dataset.saving); save(); });
    status.replaceChildren(form.dataset.failed, ' ', again);
  }

  function conflict(told) {
    stopped = true; // saving on would overwrite what somebody else wrote
    if (told.compare) {
      const compare = document.createElement('button');
      Object.assign(compare, { type: 'submit', className: 'link', name: 'go', value: told.compare, textContent: form.dataset.conflict });
      status.replaceChildren(told.message, ' ', compare);
      return;
    }
    const link = document.createElement('a');
    link.href = new URL(told.href ?? '', location.href).origin === location.origin ? told.href ?? '' : '';
    link.textContent = form.dataset.conflict;
    status.replaceChildren(told.message ?? form.dataset.failed, ' ', link);
  }
}
