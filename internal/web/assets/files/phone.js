// Asks whether the telephone has sent the signature, and sends the form on when it has. Without it the button does.
const EVERY = 2000; // ms

for (const form of document.querySelectorAll('[data-phone]')) {
  const words = form.dataset, status = form.querySelector('[data-phone-status]');
  let said = false;
  async function look() {
    let state = 'waiting';
    try {
      const answer = await fetch(words.phone, { headers: { Accept: 'application/json' } });
      if (answer.ok) ({ state } = await answer.json());
      else if (answer.status === 404) state = 'over'; // the session is another one
    } catch { /* no connection just now */ }
    if (state === 'waiting') {
      if (!said) { said = true; status.textContent = words.waiting; }
      return setTimeout(look, EVERY);
    }
    status.textContent = words[state] ?? '';
    if (state === 'signed') form.requestSubmit();
  }
  look();
}
