// Shows the signer's page in a frame when the reader wants to sign here, gives it the documents to be signed and takes their
// signatures out. File, password and key stay in the frame, which is of another origin: nothing here could reach them.
const LOAD = 60000; // ms until the frame is given up
const good = (s) => typeof s === 'string' && /^[A-Za-z0-9+/=]{100,}$/.test(s);

for (const part of document.querySelectorAll('[data-signer]')) {
  const words = part.dataset, start = part.querySelector('[data-signer-start]'), status = part.querySelector('[data-signer-status]');
  const form = document.querySelector('[data-sign-form]'), payload = words.payload.split(',');
  let frame = null, late = 0;

  start.hidden = false;
  start.addEventListener('click', load);
  addEventListener('message', heard);
  addEventListener('pageshow', (e) => { if (e.persisted) unload(); });

  function load() {
    start.hidden = true;
    status.textContent = '';
    frame = document.createElement('iframe');
    frame.title = words.title;
    frame.referrerPolicy = 'no-referrer';
    frame.sandbox = 'allow-scripts allow-same-origin allow-forms'; // no windows, no way to lead this page elsewhere
    frame.src = words.frame;
    part.append(frame);
    frame.focus();
    late = setTimeout(unavailable, LOAD);
  }

  function unload() {
    clearTimeout(late);
    frame?.remove();
    frame = null;
    start.hidden = false;
  }

  function unavailable() {
    unload();
    status.textContent = words.unavailable;
    start.focus();
  }

  function heard({ origin, source, data }) {
    if (!frame || origin !== words.signer || source !== frame.contentWindow) return;
    switch (data?.type) {
      case 'ready':
        clearTimeout(late);
        source.postMessage({ type: 'documents', documents: payload.map((d) => Uint8Array.from(atob(d), (c) => c.charCodeAt(0))) }, origin);
        break;
      case 'height':
        if (data.height > 0 && data.height < 5000) frame.height = data.height;
        break;
      case 'unavailable':
        unavailable();
        break;
      case 'signed':
        if (!Array.isArray(data.cms) || data.cms.length !== payload.length || !data.cms.every(good)) return unavailable();
        form.elements.namedItem('cms').value = data.cms.join();
        status.textContent = words.sending;
        form.requestSubmit();
    }
  }
}
