// The browser that every test of this folder drives: the system's chromium, quiet and without a network of its own. And
// the patience of the tests: a browser that stops answering ends a test, never the run.
import { chromium } from 'playwright-core';

// launch starts it; more are options of playwright.
export function launch(more = {}) {
  return chromium.launch({
    ...more,
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// Silent says that something did not come to its end.
export class Silent extends Error {}

// within gives what the promise gives, or fails with Silent after so many seconds: calls such as page.evaluate wait for
// ever on a browser that hangs.
export function within(seconds, promise) {
  let timer;
  const silence = new Promise((_, fail) => { timer = setTimeout(() => fail(new Silent(`no end within ${seconds} s`)), seconds * 1000); });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}

// patiently runs a test of at most so many seconds; one that met a silent browser is run once more, with true, which is
// said. What it finds wrong is never asked twice.
export async function patiently(name, seconds, run) {
  try {
    return await within(seconds, run(false));
  } catch (e) {
    if (!(e instanceof Silent)) throw e;
    console.log(`AGAIN ${name}: ${e.message}`);
    return within(seconds, run(true));
  }
}

// finish says the sum and ends the process, whatever a browser that hangs has left open.
export async function finish(browser, passed, failed) {
  await within(20, browser.close()).catch((e) => console.log(`the browser: ${e.message}`));
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
