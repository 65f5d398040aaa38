// The browser that every test of this folder drives: the system's chromium, quiet and without a network of its own.
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
