// Warns before the log-in ends and lets the reader stay. The times count from the page's arrival; the clock of the
// machine is asked again on every tick, so that a laptop that slept is told the truth.
const dialog = document.getElementById('session-warning');
if (dialog?.showModal) watch(dialog);

function watch(dialog) {
  const text = dialog.querySelector('[data-session-text]');
  const form = dialog.querySelector('form');
  const logIn = dialog.querySelector('[data-session-login]');
  const warn = Number(dialog.dataset.warn);
  let end = Date.now() + Number(dialog.dataset.session) * 1000;
  let said = -1;

  setInterval(tick, 1000);
  form.addEventListener('submit', stay);

  function tick() {
    const left = Math.round((end - Date.now()) / 1000);
    if (left > warn) return;
    const minutes = Math.max(0, Math.ceil(left / 60));
    if (minutes === said) return; // once a minute, not every second
    said = minutes;
    if (minutes === 0) return over();
    text.textContent = dialog.dataset.text.replace('{minutes}', String(minutes));
    if (!dialog.open) dialog.showModal();
  }

  function over() {
    text.textContent = dialog.dataset.over;
    form.querySelector('button').hidden = true;
    logIn.hidden = false;
    if (!dialog.open) dialog.showModal();
    logIn.focus();
  }

  async function stay(event) {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }, credentials: 'same-origin',
      });
      if (answer.status === 401 || answer.status === 403) return over();
      if (!answer.ok) throw new Error(String(answer.status));
      end = Date.now() + Number((await answer.json()).seconds) * 1000;
      said = -1;
      dialog.close();
    } catch {
      text.textContent = dialog.dataset.failed; // the network, not the session: the button may be pressed again
    }
  }
}
