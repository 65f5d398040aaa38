// The worker that alone sees the key. Its policy lets it connect to nothing; it has no document. Whoever made it ends it after
// the signature, and its memory with it.
import './wasm_exec.js';

addEventListener('message', async ({ data }) => {
  try {
    switch (data.type) {
      case 'start': {
        const go = new Go();
        const instance = await WebAssembly.instantiate(data.module, go.importObject);
        go.run(instance); // lasts until the worker ends
        postMessage({ type: 'started' });
        break;
      }
      case 'open': {
        const answer = signer.open(data.file, data.password, data.expected);
        data.file.fill(0);
        data.password.fill(0);
        postMessage({ type: 'opened', answer });
        break;
      }
      case 'sign':
        postMessage({ type: 'signed', answer: signer.sign(data.documents, data.now) });
        break;
    }
  } catch { // says nothing of what was in the memory
    postMessage({ type: 'failed' });
  }
});
