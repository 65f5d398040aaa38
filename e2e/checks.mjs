// What every page must hold. Each function takes a playwright page and returns findings: [{check, detail}].
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// watch collects what goes wrong while a page loads and is used; call it before the first navigation.
export async function watch(page) {
  const seen = [];
  await page.exposeBinding('__violation', (_, text) => seen.push({ check: 'csp', detail: text }));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => window.__violation(`${e.violatedDirective}: ${e.blockedURI} ${e.sample ?? ''}`));
  });
  page.on('pageerror', (e) => seen.push({ check: 'script', detail: e.message }));
  page.on('console', (m) => { if (m.type() === 'error' && !/Content Security Policy|status of [45]\d\d/.test(m.text())) seen.push({ check: 'console', detail: m.text() }); });
  page.on('requestfailed', (r) => seen.push({ check: 'request', detail: `${r.url()} ${r.failure()?.errorText}` }));
  page.on('response', (r) => { if (r.status() >= 400 && r.request().resourceType() !== 'document') seen.push({ check: 'request', detail: `${r.url()} ${r.status()}` }); });
  return seen;
}

// axe runs the accessibility rules. What axe cannot decide must be on the reviewed list: {rule, inside (selector), why}.
export async function axe(page, reviewed) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource);
  return page.evaluate(async ({ values, reviewed }) => {
    const result = await window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations', 'incomplete'], elementRef: true });
    const nodes = (list, check, known) => list.flatMap((r) => r.nodes.filter((n) => !known(r, n)).map((n) => ({
      check, detail: `${r.id} at ${n.target.flat().join(' ')}: ${(n.failureSummary ?? r.help).split('\n').slice(1, 3).join(' ').trim()}`,
    })));
    const known = (r, n) => reviewed.some((v) => v.rule === r.id && n.element?.closest(v.inside));
    return [...nodes(result.violations, 'axe', () => false), ...nodes(result.incomplete, 'axe-incomplete', known)];
  }, { values: tags, reviewed });
}

// structure checks the markup itself; lang is the language that the page must be in.
export async function structure(page, lang, { errors = false, errorWords = [] } = {}) {
  // The browser gives the focus when it draws the page: after the load, and later on a busy machine.
  const focused = () => page.evaluate(() => [null, document.activeElement].includes(document.querySelector('.error-summary')));
  for (let i = 0; errors && i < 100 && !await focused(); i++) await page.waitForTimeout(50);
  return page.evaluate(({ lang, errors, errorWords }) => {
    const found = [];
    const say = (check, detail) => found.push({ check, detail });
    const ids = new Map();
    for (const e of document.querySelectorAll('[id]')) ids.set(e.id, (ids.get(e.id) ?? 0) + 1);
    for (const [id, n] of ids) if (n > 1) say('unique-id', `${id} is there ${n} times`);
    for (const name of ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls', 'aria-activedescendant']) {
      for (const e of document.querySelectorAll(`[${name}]`)) {
        for (const id of e.getAttribute(name).split(/\s+/).filter(Boolean)) if (!ids.has(id)) say('idref', `${name}="${id}" leads nowhere`);
      }
    }
    for (const a of document.querySelectorAll('a[href^="#"]')) {
      const id = decodeURIComponent(a.getAttribute('href').slice(1));
      if (id && !ids.has(id)) say('idref', `link to #${id} leads nowhere`);
    }
    const h1 = document.querySelectorAll('h1').length;
    if (h1 !== 1) say('one-h1', `${h1} h1`);
    if (document.documentElement.lang !== lang) say('lang', `lang is "${document.documentElement.lang}"`);
    if (!document.title.trim()) say('title', 'empty');
    const error = errorWords.some((w) => document.title.startsWith(w));
    if (errors && !error) say('error-title', document.title);
    if (!errors && error) say('error-title', `${document.title}, but the state has no errors`);
    if (errors && document.querySelector('.error-summary') && document.activeElement !== document.querySelector('.error-summary')) say('error-focus', 'the error summary is not focused');
    const styles = document.querySelectorAll('[style],style').length;
    const scripts = [...document.scripts].filter((s) => !s.src).length;
    const handlers = [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length;
    if (styles + scripts + handlers) say('inline', `${styles} styles, ${scripts} scripts, ${handlers} handlers`);
    const text = document.body.innerText;
    const lost = text.match(/⟦[^⟧]*⟧/g);
    if (lost) say('locale', lost.join(' '));
    if (/%!\w|<nil>|\[object /.test(text)) say('locale', 'a value shows its program form');
    const first = document.querySelector('a[href],button,input:not([type=hidden]),select,textarea,summary');
    if (first && !first.matches('.skip')) say('skip-link', 'the skip link is not the first stop');
    return found;
  }, { lang, errors, errorWords });
}

// overflow finds what sticks out sideways; boxes that scroll by themselves are allowed.
export function overflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement, width = root.clientWidth;
    if (root.scrollWidth <= width && document.body.scrollWidth <= width) return [];
    const inBox = (e) => { for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(p).overflowX) && p !== document.body && p !== root) return true; return false; };
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > width + 1 && !inBox(e)).slice(0, 4);
    return [{ check: 'overflow', detail: `${root.scrollWidth} px wide in ${width}: ` + out.map((e) => e.tagName.toLowerCase() + (e.className ? '.' + e.className : '')).join(', ') }];
  });
}

// spill finds words that stick out of their own box and may lie upon the neighbour.
export function spill(page) {
  return page.evaluate(() => {
    const found = [], range = document.createRange();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!node.data.trim()) continue;
      let box = node.parentElement;
      while (/^(inline|contents)$/.test(getComputedStyle(box).display)) box = box.parentElement;
      if (!node.parentElement.checkVisibility() || box.closest('.hidden,.skip,select')) continue;
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect(), edge = box.getBoundingClientRect();
      if (text.width && text.right > edge.right + 1.5) found.push({ check: 'spill', detail: `"${node.data.trim().slice(0, 40)}" sticks out of ${box.tagName.toLowerCase()}.${box.className} by ${Math.round(text.right - edge.right)} px` });
    }
    return found.slice(0, 6);
  });
}

// lengthen makes every text 40 % longer, as a translation may be.
export function lengthen(page) {
  return page.evaluate(() => {
    const longer = (text) => text.replace(/\p{L}{2,}/gu, (word) => word + word.slice(0, Math.ceil(word.length * 0.4)));
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) if (!node.parentElement.closest('script,style,noscript,textarea,code')) node.data = longer(node.data);
    for (const e of document.querySelectorAll('[placeholder]')) e.placeholder = longer(e.placeholder);
  });
}

// forced looks at a page in the reader's own few colours, where what is told by its background alone is lost.
export function forced(page) {
  return page.evaluate(() => {
    const shown = (e) => e.getClientRects().length > 0 && !e.closest('.hidden');
    const probe = document.createElement('i');
    probe.style.color = 'Canvas';
    const ground = getComputedStyle(document.body.appendChild(probe)).color;
    probe.remove();
    const edge = (e, least) => {
      const s = getComputedStyle(e);
      return ['Top', 'Bottom'].some((side) => parseFloat(s[`border${side}Width`]) >= least && s[`border${side}Style`] !== 'none' && ![ground, s.backgroundColor].includes(s[`border${side}Color`]));
    };
    const boxes = '.button,button:not(.link),input:not([type=hidden],[type=radio],[type=checkbox]),select,textarea,.tag,.banner,.panel,.menu-body';
    const present = ':is(.nav-bar,.tabs,.languages) [aria-current]', others = ':is(.nav-bar,.tabs,.languages) a:not([aria-current])';
    return [
      ...[...document.querySelectorAll(boxes)].filter((e) => shown(e) && !edge(e, 1)).map((e) => `${e.tagName.toLowerCase()}.${e.className} has no edge`),
      ...[...document.querySelectorAll(present)].filter((e) => shown(e) && !edge(e, 2)).map((e) => `"${e.innerText}" does not show that it is the present one`),
      ...[...document.querySelectorAll(others)].filter((e) => shown(e) && edge(e, 2)).map((e) => `"${e.innerText}" looks like the present one`),
    ].map((detail) => ({ check: 'forced-colors', detail }));
  });
}

// printed looks at a page as it goes to paper: the content, and nothing to press.
export function printed(page) {
  return page.evaluate(() => {
    const shown = (e) => e.getClientRects().length > 0;
    const press = [...document.querySelectorAll('.skip,.nav-bar,.tools,.search,.crumbs,.foot,.buttons,.button,.autosave,dialog')].filter(shown);
    const found = press.slice(0, 5).map((e) => ({ check: 'print', detail: `${e.tagName.toLowerCase()}.${e.className} is on paper` }));
    if (!shown(document.querySelector('main h1') ?? document.body)) found.push({ check: 'print', detail: 'the heading is not' });
    return found;
  });
}

// targets finds what is too small to hit: 24 px for anything that is not a link inside text, 44 for the main actions.
export function targets(page) {
  return page.evaluate(() => {
    const found = [];
    for (const e of document.querySelectorAll('button,.button,input:not([type=hidden]),select,textarea,summary')) {
      const r = e.getBoundingClientRect();
      if (!r.width || e.closest('.hidden,[hidden]') || e.classList.contains('hidden')) continue;
      const least = e.matches('.button,select,textarea,input:not([type=radio],[type=checkbox])') ? 44 : 24;
      if (r.height < least - 0.5 || r.width < 24) found.push({ check: 'target', detail: `${e.tagName.toLowerCase()}.${e.className} is ${Math.round(r.width)}×${Math.round(r.height)}` });
    }
    return found;
  });
}

// plain checks a page that was loaded with scripts off: its content is there and every form can be sent.
export function plain(page) {
  return page.evaluate(() => {
    const found = [];
    const main = document.querySelector('main');
    if (!main || main.innerText.trim().length < 10) found.push({ check: 'plain-content', detail: 'main is empty without scripts' });
    const shown = (e) => e.getClientRects().length > 0;
    for (const f of document.forms) {
      const fields = [...f.elements].filter((e) => e.type !== 'hidden' && e.tagName !== 'FIELDSET' && shown(e));
      if (!fields.length || f.closest('dialog')) continue;
      if (!fields.some((e) => e.type === 'submit')) found.push({ check: 'plain-form', detail: `${f.getAttribute('action')} cannot be sent without scripts` });
    }
    for (const e of document.querySelectorAll('button[type=button]')) if (shown(e)) found.push({ check: 'plain-button', detail: `"${e.innerText}" does nothing without scripts` });
    return found;
  });
}

// words finds words of another language than the page's, where no lang attribute says so. Names, codes and what a visitor
// typed are known words.
const known = /^([A-Z]{1,4}|JPEG|DOCX|XLSX|NCALayer|eGov|Mobile|Business|p12|OpenSSL|openssl|base64|detached|CAdES|CryptoPro|Excel|UTF-8|CSV|Eng|English|E-mail)-?$/;
const codes = [/[\w.-]+\.kz(?![\w.])/g, /https?:\/\/\S+/g, /\S+@\S+\.\S+/g, /\S*\/\S+\/\S*/g, /\.(cms|p7s|sig|pem)(?!\w)/g, /Demo-Kilt-2026/g, /\b([A-Z2-7]{4} ){3,}[A-Z2-7]{1,4}\b/g, /SHA-256/g, /\bKZ\d\d[A-Z]{3}\d+\b/g, /\b[A-Z]{3} — /g, /\b\d{3}KZ\w+/g, /\b[0-9A-F]{11,}\b/gi, /\b(DEMO-)?[0-9a-f]{8}-[0-9a-f-]+/g, /\S+\.(pdf|json|cms|pem|exe)\b/gi, /\bHCFC-\w+|ГХФУ-\w+/g];
export async function words(page, lang, typed) {
  const text = await page.evaluate((lang) => {
    const parts = [];
    const walk = (node, own) => {
      for (const child of node.childNodes) {
        if (child.nodeType === Node.TEXT_NODE && own) parts.push(child.data);
        if (child.nodeType !== Node.ELEMENT_NODE || /^(CODE|SCRIPT|NOSCRIPT|TEXTAREA)$/.test(child.tagName)) continue;
        if (own) for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-list-label']) if (child.hasAttribute(name)) parts.push(child.getAttribute(name));
        walk(child, child.hasAttribute('lang') ? child.lang === lang : own);
        parts.push('\n');
      }
    };
    walk(document.body, true);
    return [document.title, ...parts].join(' ');
  }, lang);
  let rest = typed.filter((w) => !/^\w*$/.test(w) || w.length > 3).toSorted((a, b) => b.length - a.length).reduce((t, word) => t.replaceAll(word, ' '), text);
  rest = codes.reduce((t, code) => t.replace(code, ' '), rest);
  const foreign = { kk: /[A-Za-z][A-Za-z0-9-]+|(?<!\p{L})(и|или|для|на|по|при|из|что|это|выдача|заявление)(?!\p{L})/gu, ru: /[A-Za-z][A-Za-z0-9-]+|\p{L}*[әғқңөұүһі]\p{L}*/giu, en: /\p{Script=Cyrillic}{2,}/gu }[lang];
  const found = [...new Set(rest.match(foreign) ?? [])].filter((w) => !known.test(w) && w !== 'Қазақша');
  return found.length ? [{ check: 'words', detail: found.slice(0, 20).join(', ') }] : [];
}
